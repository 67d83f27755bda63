/**
 * Fetches an encoder's file from its hub repository at the pinned commit. The bytes go to a temporary beside their place and are
 * renamed only when their sha256 is the manifest's, so that a broken download is never taken for a model.
 */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { downloadFile } from "@huggingface/hub";
import { TailrecError } from "../errors.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { fileDigest } from "./file-digest.ts";
import type { EncoderManifest } from "./manifest.ts";

export interface DownloadContext extends RunContext {
  /** Another address of the hub, for mirrors. */
  readonly hubUrl?: string;
}

export type HubSource = Extract<EncoderManifest["source"], { kind: "huggingface" }>;

/** Puts file `name` of the manifest at `path`. MODEL_MISSING when it cannot be fetched, MODEL_INVALID when it is another file. */
export async function downloadModelFile(
  manifest: EncoderManifest,
  source: HubSource,
  name: string,
  path: string,
  context: DownloadContext,
): Promise<void> {
  throwIfInterrupted(context);
  const temporary = `${path}.tmp-${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await fetchTo(temporary, source, name, context).catch((cause: unknown) => {
      throwIfInterrupted(context);
      throw unreachable(manifest, source, name, cause);
    });
    await checkDigest(manifest, source, name, temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function fetchTo(temporary: string, source: HubSource, name: string, context: DownloadContext): Promise<void> {
  const { hubUrl, signal } = context;
  const file = await downloadFile({
    repo: { type: "model", name: source.repository },
    path: name,
    revision: source.revision,
    ...(hubUrl !== undefined && { hubUrl }),
  });
  if (file === null) throw new Error("the repository has no such file");
  let done = 0;
  const count = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length;
      context.onProgress?.({ stage: `download ${source.repository}`, done, total: file.size, note: name });
      next(null, chunk);
    },
  });
  const body = Readable.fromWeb(file.stream() as ReadableStream<Uint8Array>);
  await pipeline(body, count, createWriteStream(temporary), { signal });
  if (done !== file.size) throw new Error(`the connection ended after ${done} of ${file.size} bytes`);
}

async function checkDigest(manifest: EncoderManifest, source: HubSource, name: string, path: string): Promise<void> {
  const digest = await fileDigest(path);
  if (digest === manifest.files[name]) return;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${manifest.name}": ${name} of ${source.repository} has sha256 ${digest}, its manifest says ${manifest.files[name]}; nothing was kept. Check the manifest, or the mirror you download from`,
  );
}

function unreachable(manifest: EncoderManifest, source: HubSource, name: string, cause: unknown): TailrecError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TailrecError(
    "MODEL_MISSING",
    `encoder "${manifest.name}": ${name} is not on this machine and could not be fetched from ${source.repository} (${reason}); connect to the hub, copy the file into the model folder, or name an encoder that is here, such as static-bge64 or text-small-untrained`,
    { cause },
  );
}
