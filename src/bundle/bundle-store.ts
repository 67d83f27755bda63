/**
 * The bundle on disk, whatever the model is: a folder of plain files and the manifest that lists them. Written whole or not at
 * all; every byte verified on loading, so that a damaged bundle is refused and never served.
 */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type FolderContent, readablePath, writeTogether } from "../data/files/atomic-write.ts";
import { describeBytes, type FileParts, readInto, readWhole, writeParts } from "../data/files/file-parts.ts";
import { decodeSafetensors, type Safetensors } from "../data/files/safetensors.ts";
import { openStored, type StoredFile } from "../data/files/stored-file.ts";
import { openTensors } from "../data/files/stored-tensors.ts";
import { TailrecError } from "../errors.ts";
import { isDenied, messageOf, readError } from "../file-errors.ts";
import { sharedBytes } from "../math/compute/shared-memory.ts";
import {
  corrupt,
  type FileRecord,
  fileName,
  MANIFEST_NAME,
  type Manifest,
  readManifest,
  writeManifest,
} from "./bundle-manifest.ts";

/** Bytes, text, or what makes them when it is the file's turn: a bundle is never whole in memory beside the model. */
export type FileBody = Uint8Array | string | (() => FileParts);

export interface BundleContent {
  /** JSON values: whatever the model says about itself. Keys of the container itself (`format`, `files`, ...) are refused. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** By plain file name. */
  readonly files: Readonly<Record<string, FileBody>>;
}

export interface BundleFiles {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** E.g. "tailrec 0.1.0". */
  readonly createdBy: string;
  readonly names: readonly string[];
  /** The verified bytes. Throws BUNDLE_CORRUPT when the bundle has no such file. */
  read(name: string): Uint8Array;
  /** A file of tensors that was verified and left on the disk; undefined for the others. */
  stored(name: string): StoredFile | undefined;
  /** The tensors of a file: once it is read always the same ones. BUNDLE_CORRUPT likewise; UNREADABLE_INPUT where it is none of theirs. */
  tensors(name: string): Safetensors;
}

/** Saves a bundle in place of an earlier one. Throws OUTPUT_FAILED, with the earlier one untouched. */
export async function saveBundleFiles(folder: string, content: BundleContent): Promise<void> {
  await writeTogether([bundleFolder(folder, content)]);
}

/** The bundle as an output that may be written together with others. */
export function bundleFolder(folder: string, { manifest, files }: BundleContent): FolderContent {
  const bodies = Object.entries(files).map(([name, body]) => [plainName(name), body] as const);
  writeManifest(manifest, {});
  const fill = async (temporary: string): Promise<void> => {
    await requireReplaceable(folder, Object.keys(files));
    const records: Record<string, FileRecord> = {};
    for (const [name, body] of bodies) {
      records[name] = await writeParts(join(temporary, name), typeof body === "function" ? body() : [body]);
    }
    await writeFile(join(temporary, MANIFEST_NAME), writeManifest(manifest, records));
  };
  return { folder, fill };
}

/** A bundle that is exchanged while it is read is read again, at most so often. */
const ATTEMPTS = 30;

/**
 * Loads and verifies every file. For a service tensors stay on the disk until they are asked for, and have room behind them then. Throws
 * BUNDLE_MISSING, BUNDLE_VERSION, or BUNDLE_CORRUPT naming the file at fault.
 */
export async function loadBundleFiles(folder: string, isServed = false): Promise<BundleFiles> {
  for (let attempt = 1; ; attempt++) {
    const before = await identityOf(folder);
    try {
      return await readBundleFiles(await readablePath(folder), isServed);
    } catch (error) {
      if (attempt === ATTEMPTS || (await identityOf(folder)) === before) throw error;
    }
  }
}

/** What tells a folder from another that takes its place. */
async function identityOf(folder: string): Promise<string | undefined> {
  return stat(folder).then(
    ({ dev, ino, ctimeMs }) => `${dev} ${ino} ${ctimeMs}`,
    () => undefined,
  );
}

async function readBundleFiles(folder: string, isServed: boolean): Promise<BundleFiles> {
  await requireFolder(folder);
  const where = `bundle ${folder}: ${MANIFEST_NAME}`;
  const text = await readFile(join(folder, MANIFEST_NAME), "utf8").catch((cause) =>
    refuse(folder, MANIFEST_NAME, cause),
  );
  const manifest = readManifest(text, where);
  await requireNoOther(folder, manifest);
  const contents = new Map<string, Uint8Array>();
  const stored = new Map<string, StoredFile>();
  for (const name of Object.keys(manifest.files)) {
    if (isServed && name.endsWith(TENSORS)) stored.set(name, await openVerified(folder, name, manifest));
    else contents.set(name, await readVerified(folder, name, manifest));
  }
  const read = (name: string): Uint8Array => {
    const bytes = contents.get(name) ?? wholeOf(stored.get(name));
    if (bytes === undefined)
      throw corrupt(`bundle ${folder}`, `expected a file ${name}, which its manifest does not list`);
    return bytes;
  };
  const names = Object.keys(manifest.files);
  const known = new Map<string, Safetensors>();
  const tensors = (name: string): Safetensors => {
    const file = stored.get(name);
    const found = known.get(name) ?? (file ? openTensors(file, name).withRoom() : decodeSafetensors(read(name), name));
    known.set(name, found);
    return found;
  };
  const { content, createdBy } = manifest;
  return { manifest: content, createdBy, names, read, tensors, stored: (name) => stored.get(name) };
}

/**
 * Throws OUTPUT_FAILED when `folder` holds anything that is not of a bundle, since saving would delete it. To be called
 * before the work whose result is to be saved there; `names` are the files that will be.
 */
export async function requireReplaceable(folder: string, names: readonly string[]): Promise<void> {
  const present = await readdir(folder).catch(() => []);
  const own = new Set([...IGNORED, MANIFEST_NAME, ...names, ...(await listedNames(folder))]);
  const foreign = present.find((name) => !own.has(name));
  if (foreign === undefined) return;
  throw new TailrecError(
    "OUTPUT_FAILED",
    `could not write the bundle ${folder}: the folder holds ${foreign}, which is not of a bundle and would be lost; name a new folder`,
  );
}

/** What file managers leave behind. */
const IGNORED: readonly string[] = [".DS_Store"];

/** The files of the bundle in the folder; none when it cannot be read, for a damaged bundle may be replaced. */
async function listedNames(folder: string): Promise<string[]> {
  try {
    const text = await readFile(join(folder, MANIFEST_NAME), "utf8");
    return Object.keys(readManifest(text, folder).files);
  } catch {
    return [];
  }
}

/** What tells the bundle in a folder from any other: the text of its manifest; undefined where there is none. */
export async function bundleMark(folder: string): Promise<string | undefined> {
  return readFile(join(await readablePath(folder), MANIFEST_NAME), "utf8").catch(() => undefined);
}

async function requireFolder(folder: string): Promise<void> {
  const present = await readdir(folder).catch((cause: unknown) => {
    if (isDenied(cause)) throw readError(folder, cause);
    return undefined;
  });
  // The output folder of a run is easily taken for the bundle in it.
  const inside = join(folder, "bundle");
  const isAround = present?.includes(MANIFEST_NAME) === false && (await holdsManifest(inside));
  if (present !== undefined && !isAround) return;
  const aside = present === undefined ? await setAsideName(folder) : undefined;
  const remedy = isAround
    ? `did you mean ${inside}?`
    : aside === undefined
      ? 'name the folder that "tailrec run" wrote, or run it to make one'
      : `an earlier tailrec was cut short and left ${aside}; rename it to ${folder}`;
  throw new TailrecError("BUNDLE_MISSING", `expected a bundle folder at ${folder}, found none; ${remedy}`);
}

/** What versions up to 0.1 left of a bundle when they died while they exchanged it. */
async function setAsideName(folder: string): Promise<string | undefined> {
  const names = await readdir(dirname(folder)).catch(() => []);
  const name = names.find((other) => other.startsWith(`${basename(folder)}.old-`) && /\.old-\d+$/.test(other));
  return name && join(dirname(folder), name);
}

async function holdsManifest(folder: string): Promise<boolean> {
  return stat(join(folder, MANIFEST_NAME)).then(
    () => true,
    () => false,
  );
}

async function requireNoOther(folder: string, { files }: Manifest): Promise<void> {
  const known = new Set([...IGNORED, MANIFEST_NAME, ...Object.keys(files)]);
  const other = (await readdir(folder)).find((name) => !known.has(name));
  if (other === undefined) return;
  throw corrupt(`bundle ${folder}: ${other}`, "this file is not listed in the manifest and is none of the bundle's");
}

async function readVerified(folder: string, name: string, { files }: Manifest): Promise<Uint8Array> {
  const expected = files[name];
  const path = join(folder, name);
  // Numbers are read to where every thread may use them in place.
  const reading = name.endsWith(TENSORS) ? readInto(path, sharedBytes) : readWhole(path);
  const bytes = await reading.catch((cause) => refuse(folder, name, cause));
  requireSame(folder, name, expected, describeBytes(bytes));
  return bytes;
}

const TENSORS = ".safetensors";

function wholeOf(file: StoredFile | undefined): Uint8Array | undefined {
  return file?.read(0, file.size);
}

async function openVerified(folder: string, name: string, { files }: Manifest): Promise<StoredFile> {
  try {
    const file = openStored(join(folder, name));
    requireSame(folder, name, files[name], await file.describe());
    return file;
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    return refuse(folder, name, cause);
  }
}

function requireSame(folder: string, name: string, expected: FileRecord, received: FileRecord): void {
  if (received.bytes !== expected.bytes) {
    throw corrupt(`bundle ${folder}: ${name}`, `expected ${expected.bytes} bytes, received ${received.bytes}`);
  }
  if (received.sha256 !== expected.sha256) {
    const sums = `expected sha256 ${expected.sha256}, received ${received.sha256}`;
    throw corrupt(`bundle ${folder}: ${name}`, `${sums}: its content was altered`);
  }
}

function refuse(folder: string, name: string, cause: unknown): never {
  if (isDenied(cause)) throw readError(join(folder, name), cause);
  throw corrupt(`bundle ${folder}: ${name}`, `expected this file, could not read it (${messageOf(cause)})`, cause);
}

function plainName(name: string): string {
  if (fileName.safeParse(name).success && name !== MANIFEST_NAME) return name;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `expected a plain file name other than ${MANIFEST_NAME}, received "${name}"`,
  );
}
