/**
 * Vectors by key in one append-only file that processes may share. A batch is one write at the end of the file (O_APPEND), so
 * writers need no lock; what a killed writer left half done is stepped over. The index holds places, not vectors: memory grows
 * by some hundred bytes a record. Whoever rewrites the file (pruning) renames over it; a writer that finds its file gone from
 * under it writes the batch again.
 */
import type { Stats } from "node:fs";
import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { outputFailed } from "../../data/files/output-failure.ts";
import { encodeRecord, readVector, recordSize, scanFile, type VectorEntry } from "./vector-record.ts";

/** Records that lie this near are read together: a run asks in nearly the order in which an earlier one wrote. */
const READ_GAP = 1 << 14;
/** Bytes of one read, so that little is held at a time. */
const READ_SPAN = 1 << 20;

interface Place {
  /** Position among the keys asked for. */
  readonly index: number;
  readonly position: number;
}

/** Opened by `openVectorStore`, closed by its owner. Calls run one after the other. */
export class VectorStore {
  readonly path: string;
  readonly dimension: number;
  readonly #start: () => Promise<FileHandle>;
  #file: FileHandle;
  #positions = new Map<string, number>();
  #scanned = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, dimension: number, start: () => Promise<FileHandle>, file: FileHandle) {
    this.path = path;
    this.dimension = dimension;
    this.#start = start;
    this.#file = file;
  }

  /** Keys that have a vector. */
  get size(): number {
    return this.#positions.size;
  }

  has(key: string): boolean {
    return this.#positions.has(key);
  }

  /** The vectors under the keys, views of what was read together; undefined where there is none. */
  read(keys: readonly string[]): Promise<(Float32Array | undefined)[]> {
    return this.#inTurn(async () => {
      const vectors = new Array<Float32Array | undefined>(keys.length);
      const places = keys.flatMap((key, index) => this.#placeOf(key, index));
      for (const group of neighbours(places)) {
        const begin = group[0].position;
        const bytes = Buffer.alloc(group[group.length - 1].position - begin + recordSize(this.dimension));
        const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, begin);
        const whole = bytes.subarray(0, bytesRead);
        // One array for the group: a thousand small ones would hold up the main thread for tens of milliseconds.
        const table = new Float32Array(group.length * this.dimension);
        for (const [i, { index, position }] of group.entries()) {
          const vector = table.subarray(i * this.dimension, (i + 1) * this.dimension);
          if (readVector(whole, position - begin, keys[index], vector)) vectors[index] = vector;
          // Damaged since the file was scanned: to be written again.
          else this.#positions.delete(keys[index]);
        }
      }
      return vectors;
    });
  }

  /** Takes in what others have written since. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#catchUp());
  }

  /** Appends the vectors whose keys are not there yet. OUTPUT_FAILED when the file cannot be written. */
  add(entries: readonly VectorEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#catchUp();
      const unknown = entries.filter(({ key }) => !this.#positions.has(key));
      if (unknown.length === 0) return;
      const written = Math.floor(Date.now() / 1000);
      const records = Buffer.concat(unknown.map((entry) => encodeRecord(entry, written)));
      do {
        await appendWhole(this.#file, records);
      } while (await this.#reopenedUnless(await stat(this.path).catch(() => undefined)));
      await this.#catchUp();
    });
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work).catch((cause: unknown) => failed(this.path, cause));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #placeOf(key: string, index: number): Place[] {
    const position = this.#positions.get(key);
    return position === undefined ? [] : [{ index, position }];
  }

  async #catchUp(): Promise<void> {
    const there = await stat(this.path).catch(() => undefined);
    if (!(await this.#reopenedUnless(there)) && there?.size === this.#scanned) return;
    for await (const { records, end } of scanFile(this.#file, this.dimension, this.#scanned)) {
      for (const { key, position } of records) this.#positions.set(key, position);
      this.#scanned = end;
    }
  }

  /** Whether what stands at the path was another file than ours, or none; then that, or a new one, is ours now. */
  async #reopenedUnless(there: Stats | undefined): Promise<boolean> {
    const own = await this.#file.stat();
    if (there !== undefined && there.ino === own.ino && there.dev === own.dev) return false;
    const replaced = this.#file;
    this.#file = await this.#start();
    await replaced.close();
    this.#positions.clear();
    this.#scanned = 0;
    return true;
  }
}

/**
 * Opens the file, or starts it, and reads where its records are. `prepare` runs before every opening, also when the file has
 * been removed meanwhile. OUTPUT_FAILED when the file cannot be opened for writing.
 */
export async function openVectorStore(
  path: string,
  dimension: number,
  prepare: () => Promise<void> = async () => undefined,
): Promise<VectorStore> {
  const start = async (): Promise<FileHandle> => {
    await mkdir(dirname(path), { recursive: true });
    await prepare();
    return open(path, "a+");
  };
  const file = await start().catch((cause: unknown) => failed(path, cause));
  const store = new VectorStore(path, dimension, start, file);
  await store.refresh();
  return store;
}

/** Writes at once, unless the system takes only a part of it: then another's records may stand between, and one of ours is lost. */
export async function appendWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, null);
    done += bytesWritten;
  }
}

function* neighbours(places: readonly Place[]): Generator<Place[]> {
  const sorted = places.toSorted((a, b) => a.position - b.position);
  let group: Place[] = [];
  for (const place of sorted) {
    const far = group.length > 0 && place.position - group[group.length - 1].position > READ_GAP;
    if (far || (group.length > 0 && place.position - group[0].position > READ_SPAN)) {
      yield group;
      group = [];
    }
    group.push(place);
  }
  if (group.length > 0) yield group;
}

function failed(path: string, cause: unknown): never {
  throw outputFailed(`the embedding cache ${path}`, cause);
}
