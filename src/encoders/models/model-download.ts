/**
 * Fetches an encoder's file from its hub repository at one commit. The bytes go to a part file beside their place, which a later
 * attempt goes on with where this one broke off, and are never more than the server announced; the file is put in place only once its sha256 is the expected one, so that a broken
 * download is never taken for a model.
 */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { downloadFile } from "@huggingface/hub";
import { TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";
import { throwIfInterrupted } from "../../run-context.ts";
import { claimPart } from "./download-part.ts";
import { fileDigest } from "./file-digest.ts";
import { type HubLimits, hubFetch } from "./hub-fetch.ts";

export interface DownloadContext extends HubLimits {
  /** Another address of the hub, for mirrors. */
  readonly hubUrl?: string;
}

export interface HubFile {
  /** The encoder's name, for messages. */
  readonly encoder: string;
  readonly repository: string;
  readonly revision: string;
  /** Path in the repository. */
  readonly name: string;
  /** Expected sha256; null takes the file as it comes. */
  readonly digest: string | null;
}

/** Puts the file at `path`; gives its sha256. MODEL_MISSING when it cannot be fetched, MODEL_INVALID when it is another file. */
export async function downloadModelFile(file: HubFile, path: string, context: DownloadContext): Promise<string> {
  throwIfInterrupted(context);
  await mkdir(dirname(path), { recursive: true });
  const digest = await attemptDownload(file, path, context);
  // The part that an earlier attempt left may have been the broken one: once more, from the beginning.
  return digest ?? downloadModelFile(file, path, context);
}

/** The digest of the file, which is in its place; undefined when a part that was there before was of another file. */
async function attemptDownload(file: HubFile, path: string, context: DownloadContext): Promise<string | undefined> {
  const { path: part, release } = await claimPart(path);
  try {
    const resumed = (await sizeOf(part)) > 0;
    await fetchTo(part, file, context).catch((cause: unknown) => {
      throwIfInterrupted(context);
      throw unreachable(file, cause);
    });
    const digest = await fileDigest(part);
    if (file.digest === null || digest === file.digest) {
      await rename(part, path);
      return digest;
    }
    await rm(part, { force: true });
    if (resumed) return undefined;
    throw otherFile(file, digest);
  } finally {
    await release();
  }
}

/** Appends to `part` what it lacks of the file. */
async function fetchTo(part: string, { repository, revision, name }: HubFile, context: DownloadContext): Promise<void> {
  const { hubUrl, signal } = context;
  const file = await downloadFile({
    repo: { type: "model", name: repository },
    path: name,
    revision,
    fetch: hubFetch(context),
    ...(hubUrl !== undefined && { hubUrl }),
  });
  if (file === null) throw new Error("the repository has no such file");
  let done = await sizeOf(part);
  if (done > file.size) {
    await rm(part);
    done = 0;
  }
  const count = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length;
      if (done > file.size) {
        next(new Error(`the server sent more than the ${file.size} bytes that it announced`));
        return;
      }
      context.onProgress?.({ stage: `download ${repository}`, done, total: file.size, note: name });
      next(null, chunk);
    },
  });
  if (done === file.size) return;
  const body = Readable.fromWeb(file.slice(done).stream() as ReadableStream<Uint8Array>);
  await pipeline(body, count, createWriteStream(part, { flags: "a" }), { signal });
  if (done !== file.size) throw new Error(`the connection ended after ${done} of ${file.size} bytes`);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function otherFile({ encoder, repository, name, digest: expected }: HubFile, digest: string): TailrecError {
  return new TailrecError(
    "MODEL_INVALID",
    `encoder "${encoder}": ${name} of ${repository} has sha256 ${digest}, its manifest says ${expected}; nothing was kept. Check the manifest, or the mirror you download from`,
  );
}

function unreachable({ encoder, repository, name }: HubFile, cause: unknown): TailrecError {
  const reason = messageOf(cause);
  return new TailrecError(
    "MODEL_MISSING",
    `encoder "${encoder}": ${name} is not on this machine and could not be fetched from ${repository} (${reason}); connect to the hub and try again (what has come is kept), copy the file into the model folder, or name an encoder that is here, such as static-bge64 or tailrec-text-small`,
    { cause },
  );
}
