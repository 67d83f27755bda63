/**
 * Which picture files need not be read again: the content address of a file by its (path, size, mtime, ctime), kept beside the
 * vectors in a store of its own whose records hold a sha256 each. Like git's index it trusts the times: a file rewritten with the
 * same size and both times forged passes for unchanged. A file that was touched within the last seconds is not entered, since a
 * change in the same tick of the clock would not show; one behind a symbolic link never is.
 */
import { createHash } from "node:crypto";
import { lstatSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openStore } from "../cache/embedding-cache.ts";
import type { VectorEntry } from "../cache/vector-record.ts";
import type { VectorStore } from "../cache/vector-store.ts";
import type { KnownInputs } from "../run/block-request.ts";
import { isInlinePicture, isInside, isWebAddress, MAXIMUM_BYTES, type PictureAccess } from "./picture-source.ts";

/** A sha256 takes the place of eight numbers. */
const WORDS = 8;

const DESCRIPTION = { encoder: "picture files", task: "index", dimension: WORDS, digest: "", preparation: 1 } as const;

/** Names the index in a cache folder. */
export const pictureIndexAddress = createHash("sha256").update("picture index 1").digest("hex");

/** Clocks of file systems tick every two seconds at worst (FAT). */
const SETTLED_AFTER_MS = 2_000;

/** Files looked at before others get their turn: a millisecond on a disk, some more on a network. */
const SLICE = 32;

/** Entries of one write; a run that is killed loses as many, and its successor reads those files again. */
const AT_ONCE = 1024;

/** Opened by `openPictureIndex`, closed by its owner. */
export class PictureIndex implements KnownInputs {
  readonly #store: VectorStore;
  readonly #locations: readonly (string | null)[];
  readonly #root: string | undefined;
  /** Real paths of folders; undefined where there is none. */
  readonly #folders = new Map<string, string | undefined>();
  /** States of the files that are about to be read, by row. */
  readonly #states = new Map<number, string>();
  #learnt: VectorEntry[] = [];

  constructor(store: VectorStore, locations: readonly (string | null)[], root: string | undefined) {
    this.#store = store;
    this.#locations = locations;
    this.#root = root;
  }

  async recall(rows: Uint32Array): Promise<(string | undefined)[]> {
    const states: (string | undefined)[] = [];
    for (const [i, row] of rows.entries()) {
      if (i % SLICE === SLICE - 1) await nextTurn();
      states.push(this.#stateOf(row));
    }
    const found = await this.#store.read(states.map((state) => state ?? ""));
    return states.map((state, i) => {
      const words = found[i];
      if (words === undefined && state !== undefined) this.#states.set(rows[i], state);
      return words && Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString("latin1");
    });
  }

  /** The states are those of before the files were read: a change meanwhile makes the entry one that nobody will ask for. */
  async learn(inputs: readonly { readonly row: number; readonly key: string }[]): Promise<void> {
    for (const { row, key } of inputs) {
      const state = this.#states.get(row);
      this.#states.delete(row);
      if (state !== undefined) this.#learnt.push({ key: state, vector: wordsOf(key) });
    }
    if (this.#learnt.length >= AT_ONCE) await this.#write();
  }

  async close(): Promise<void> {
    try {
      await this.#write();
    } finally {
      await this.#store.close();
    }
  }

  async #write(): Promise<void> {
    const entries = this.#learnt;
    this.#learnt = [];
    await this.#store.add(entries);
  }

  /** The state of a row's file; undefined for what is no plain file inside the root, or has not settled. */
  #stateOf(row: number): string | undefined {
    const location = this.#locations[row];
    if (location === null || isWebAddress(location) || isInlinePicture(location)) return undefined;
    const folder = this.#realFolder(dirname(location));
    if (folder === undefined) return undefined;
    const path = join(folder, basename(location));
    const file = entryAt(path);
    if (file === undefined || !file.isFile() || file.size > MAXIMUM_BYTES) return undefined;
    if (Date.now() - Math.max(file.mtimeMs, file.ctimeMs) < SETTLED_AFTER_MS) return undefined;
    return createHash("sha256").update(`${path}\0${file.size}\0${file.mtimeMs}\0${file.ctimeMs}`).digest("binary");
  }

  #realFolder(folder: string): string | undefined {
    if (!this.#folders.has(folder)) this.#folders.set(folder, realFolderInside(folder, this.#root));
    return this.#folders.get(folder);
  }
}

/** The index of a cache folder over the pictures of a catalog. OUTPUT_FAILED when it cannot be written. */
export async function openPictureIndex(
  cacheFolder: string,
  locations: readonly (string | null)[],
  { root }: Pick<PictureAccess, "root">,
): Promise<PictureIndex> {
  return new PictureIndex(await openStore(cacheFolder, pictureIndexAddress, DESCRIPTION), locations, root);
}

// Where these two fail, whoever reads the picture will say what is wrong.

function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function realFolderInside(folder: string, root: string | undefined): string | undefined {
  try {
    const real = realpathSync.native(folder);
    return root === undefined || isInside(real, realpathSync.native(root)) ? real : undefined;
  } catch {
    return undefined;
  }
}

function wordsOf(key: string): Float32Array {
  const words = new Float32Array(WORDS);
  Buffer.from(words.buffer).write(key, "latin1");
  return words;
}
