/**
 * Vectors that need not be computed again, by content: a folder with one vector store for each encoder digest, in it one record
 * an input by the sha256 of its bytes. A small JSON file beside each store says whose it is.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import { isDenied, readError } from "../../file-errors.ts";
import { type EncoderManifest, encoderDigest } from "../models/manifest.ts";
import type { EncoderInput } from "../run/encoder.ts";
import { openVectorStore, type VectorStore } from "./vector-store.ts";

/** A part of every address, and fixed: whoever prepares inputs in another way raises the task's version, which the digest holds. */
const PREPARATION = 3;

const descriptionSchema = z.object({
  encoder: z.string(),
  /** The encoder's task; "index": no encoder's vectors, but which picture files have been read (picture-index.ts). */
  task: z.string(),
  dimension: z.int().positive(),
  digest: z.string(),
  preparation: z.int(),
});

/** Whose vectors a store holds. */
export type CacheDescription = z.output<typeof descriptionSchema>;

/** The content address of an input under one encoder: its sha256 as a latin1 string of 32 characters. */
export function inputKey(input: EncoderInput): string {
  return createHash("sha256").update(input).digest("binary");
}

/** Names the store of an encoder in a cache folder. */
export function cacheAddress(manifest: EncoderManifest): string {
  return createHash("sha256")
    .update(`${encoderDigest(manifest)} preparation ${PREPARATION}`)
    .digest("hex");
}

export function storePath(folder: string, address: string): string {
  return join(folder, `${address}.vectors`);
}

export function descriptionPath(folder: string, address: string): string {
  return join(folder, `${address}.json`);
}

/** Opens, or starts, the store of one encoder in `folder`. OUTPUT_FAILED when it cannot be written. */
export async function openEmbeddingCache(folder: string, manifest: EncoderManifest): Promise<VectorStore> {
  const address = cacheAddress(manifest);
  const description: CacheDescription = {
    encoder: manifest.name,
    task: manifest.task,
    dimension: manifest.dimension,
    digest: encoderDigest(manifest),
    preparation: PREPARATION,
  };
  return openStore(folder, address, description);
}

/** Opens, or starts, a store and the file that describes it. OUTPUT_FAILED when they cannot be written. */
export function openStore(folder: string, address: string, description: CacheDescription): Promise<VectorStore> {
  const describe = async (): Promise<void> => {
    if ((await readDescription(folder, address)) !== undefined) return;
    await writeFileAtomic(descriptionPath(folder, address), `${JSON.stringify(description, null, 2)}\n`);
  };
  return openVectorStore(storePath(folder, address), description.dimension, describe);
}

/** The description of a store; undefined when there is none, or a damaged one. UNREADABLE_INPUT without the right to read it. */
export async function readDescription(folder: string, address: string): Promise<CacheDescription | undefined> {
  const path = descriptionPath(folder, address);
  try {
    return descriptionSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    // Not damaged, but somebody else's: it must not pass for a store that nobody can read.
    if (isDenied(cause)) throw readError(path, cause);
    return undefined;
  }
}
