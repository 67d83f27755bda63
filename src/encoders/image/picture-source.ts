/**
 * Where the bytes of a picture come from: a file under the folder that the catalog's pictures may not leave, symbolic links
 * followed before that is judged, an http(s) address where the pipeline allows those, or a `data:` address (RFC 2397) that holds the
 * bytes itself. A refusal is a TailrecError with its reason.
 */
import { access, constants, readFile, realpath, stat } from "node:fs/promises";
import { relative, sep } from "node:path";
import { TailrecError } from "../../errors.ts";
import { isAbsence, readError } from "../../file-errors.ts";
import { fetchPicture, type WebLimits } from "./web-picture.ts";

export interface PictureAccess {
  /** What files may not leave; any file when absent. */
  readonly root: string | undefined;
  /** Limits for pictures at http(s) addresses; null when they are not fetched. */
  readonly urls: WebLimits | null;
}

/** Larger files are refused unread; a photograph of 100 megapixels has some 50 MB. */
export const MAXIMUM_BYTES = 200_000_000;

/** The bytes in a buffer of their own, so that they can be handed to a thread. Errors: FORBIDDEN_INPUT, FILE_NOT_FOUND, UNREADABLE_INPUT. */
export async function readPicture(location: string, access: PictureAccess, signal?: AbortSignal): Promise<Uint8Array> {
  if (isInlinePicture(location)) return inlinePicture(location);
  if (!isWebAddress(location)) return pictureBytes(await pictureFile(location, access.root));
  if (access.urls !== null) return fetchPicture(location, access.urls, signal);
  throw new TailrecError(
    "FORBIDDEN_INPUT",
    "pictures are not fetched from addresses; allow it by features.image.urls: {}",
  );
}

export function isWebAddress(location: string): boolean {
  return /^https?:/i.test(location);
}

/** Whether the location is a `data:` address. */
export function isInlinePicture(location: string): boolean {
  return /^data:/i.test(location);
}

async function pictureBytes(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw readError(file, cause);
  });
  return new Uint8Array(bytes);
}

function inlinePicture(location: string): Uint8Array {
  const [, base64] = /^data:[^,]{0,200};base64,([A-Za-z0-9+/=\s]*)$/i.exec(location) ?? [];
  if (base64 !== undefined && base64.length <= (4 / 3) * MAXIMUM_BYTES)
    return Uint8Array.from(Buffer.from(base64, "base64"));
  throw new TailrecError("UNREADABLE_INPUT", "expected a data: address of base64 with at most 200 MB");
}

/** The real path of a picture, once it is known to be a file of reasonable size inside `root` that may be read. */
export async function pictureFile(path: string, root: string | undefined): Promise<string> {
  const file = await realpath(path).catch((cause: unknown) => {
    if (!isAbsence(cause)) throw readError(path, cause);
    throw new TailrecError("FILE_NOT_FOUND", "no such file", { cause });
  });
  if (root !== undefined && !isInside(file, await realFolder(root))) {
    throw new TailrecError(
      "FORBIDDEN_INPUT",
      `the path leads to ${file}, outside the picture folder ${root}; move the picture there, or set imageRoot`,
    );
  }
  const entry = await access(file, constants.R_OK).then(
    () => stat(file),
    (cause: unknown) => {
      throw readError(file, cause);
    },
  );
  if (!entry.isFile()) throw new TailrecError("UNREADABLE_INPUT", "not a file");
  if (entry.size <= MAXIMUM_BYTES) return file;
  throw new TailrecError("UNREADABLE_INPUT", `the file has ${entry.size} bytes, more than ${MAXIMUM_BYTES}`);
}

function realFolder(root: string): Promise<string> {
  return realpath(root).catch((cause: unknown) => {
    throw readError(root, cause);
  });
}

/** Tells whether a real path lies in a real folder. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`);
}
