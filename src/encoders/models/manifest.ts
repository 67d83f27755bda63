/**
 * Encoder manifests by what pipelines call the encoder. What a manifest leaves open is filled in by the pins that a trusted pull left in
 * the model folder. Folders and repositories in the layout of Transformers.js have one by a trial.
 */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";
import { nearestName, parseOptions } from "../../options.ts";
import { taskNamed, taskNames } from "../tasks.ts";
import { type RepositoryName, readEncoderName } from "./encoder-name.ts";
import { textAt } from "./folder-files.ts";
import { ADDED_MANIFEST, addedManifest, triedManifest } from "./folder-manifest.ts";
import {
  type EncoderManifest,
  encoderManifestSchema,
  type ManifestFor,
  pinsSchema,
  preparationOf,
  type WrittenManifest,
  writtenManifestSchema,
} from "./manifest-schema.ts";
import { notPulled, pulledTasks, repositoryManifestPath } from "./repository-manifests.ts";

export type { EncoderManifest } from "./manifest-schema.ts";

/** A manifest and the folder that its relative paths start from. */
export interface LocatedManifest<M extends EncoderManifest = EncoderManifest> {
  readonly manifest: M;
  readonly folder: string;
}

/** The manifests that come with tailrec. */
export const modelsFolder = fileURLToPath(new URL("../../../models/", import.meta.url));

/** Names of the encoders in `models/`, sorted. */
export async function listManifests(): Promise<string[]> {
  const files = await readdir(modelsFolder);
  const manifests = files.filter((file) => file.endsWith(".json"));
  return manifests.map((file) => file.slice(0, -".json".length)).sort();
}

/** A manifest as its file has it, some of it perhaps open. */
export interface WrittenLocated {
  readonly manifest: WrittenManifest;
  readonly folder: string;
}

/**
 * Reads the manifest of an encoder of `models/`, or at a path ending in .json that starts at `base`.
 * MODEL_MISSING when there is none, MODEL_INVALID when it is not a manifest, UNREADABLE_INPUT without the right to read it.
 */
export async function readManifest(encoder: string, base: string): Promise<WrittenLocated> {
  const name = readEncoderName(encoder, base);
  const path = name.kind === "manifest" ? name.path : join(modelsFolder, `${encoder}.json`);
  const text = (await textAt(path)) ?? (await missing(encoder, path));
  return { manifest: parsed(writtenManifestSchema, text, encoder, path), folder: dirname(path) };
}

/**
 * The manifest of an encoder with everything known; `task` says which side of a folder or repository that has two. MODEL_MISSING, with
 * the remedy, where something is open that no pull has pinned. Otherwise the errors of `readManifest` and `tryModelFolder`.
 */
export async function loadManifest(
  encoder: string,
  base: string,
  modelFolder = defaultModelFolder(),
  task?: EncoderManifest["task"],
): Promise<LocatedManifest> {
  const name = readEncoderName(encoder, base);
  switch (name.kind) {
    case "folder": {
      const { path: folder, dtype } = name;
      const text = await addedManifest(folder, dtype);
      if (text === null) return { manifest: await triedManifest(folder, task, dtype), folder };
      return { manifest: parsed(encoderManifestSchema, text, encoder, join(folder, ADDED_MANIFEST)), folder };
    }
    case "repository":
      return pulledManifest(encoder, name, modelFolder, task);
    case "manifest":
    case "listed":
      return pinnedManifest(encoder, base, modelFolder);
  }
}

/** What a pull wrote: for the task, or for the first that has been pulled. */
async function pulledManifest(
  encoder: string,
  name: RepositoryName,
  modelFolder: string,
  task: EncoderManifest["task"] | undefined,
): Promise<LocatedManifest> {
  const pulled = await pulledTasks(name, taskNames, modelFolder);
  const wanted = task ?? pulled[0] ?? taskNames[0];
  const path = repositoryManifestPath(name, wanted, modelFolder);
  const text = await textAt(path);
  if (text === null) throw notPulled(name, wanted, pulled);
  return { manifest: parsed(encoderManifestSchema, text, encoder, path), folder: dirname(path) };
}

async function pinnedManifest(encoder: string, base: string, modelFolder: string): Promise<LocatedManifest> {
  const { manifest, folder } = await readManifest(encoder, base);
  if (isComplete(manifest)) return { manifest, folder };
  const path = pinsPath(manifest, modelFolder);
  const text = (await textAt(path)) ?? notPinned(manifest);
  const { revision, files } = parsed(pinsSchema, text, encoder, path);
  const pinned = {
    ...manifest,
    source: { ...manifest.source, revision },
    files: { ...files, ...knownFiles(manifest) },
  };
  return { manifest: parsed(encoderManifestSchema, JSON.stringify(pinned), encoder, path), folder };
}

/** Where downloaded encoders lie unless someone says otherwise. */
export function defaultModelFolder(): string {
  return join(homedir(), ".cache", "tailrec", "models");
}

/** What a trusted pull of this manifest writes. */
export function pinsPath({ name, source }: WrittenManifest, modelFolder: string): string {
  return join(modelFolder, source.kind === "file" ? "." : source.repository, `${name}.pins.json`);
}

export function isComplete(manifest: WrittenManifest): manifest is EncoderManifest {
  const { source, files } = manifest;
  return !Object.values(files).includes(null) && (source.kind === "file" || source.revision !== null);
}

/** The files whose digests the manifest itself knows: they outweigh any pin. */
export function knownFiles({ files }: WrittenManifest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, digest]) => (digest === null ? [] : [[name, digest]])),
  );
}

function parsed<S extends z.ZodType>(schema: S, text: string, encoder: string, path: string): z.output<S> {
  try {
    return parseOptions(schema, JSON.parse(text), path);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new TailrecError("MODEL_INVALID", `encoder "${encoder}": ${reason} (manifest ${path})`, { cause });
  }
}

function notPinned({ name }: WrittenManifest): never {
  throw new TailrecError(
    "MODEL_MISSING",
    `encoder "${name}": its manifest leaves the digests of its files open; fetch it once by "tailrec models pull ${name} --trust-first-use", which records them for every later check`,
  );
}

/** Loads like `loadManifest` an encoder that must do `task`; MODEL_INVALID when it does another. */
export async function loadManifestFor<T extends EncoderManifest["task"]>(
  task: T,
  encoder: string,
  base: string,
  modelFolder?: string,
): Promise<LocatedManifest<ManifestFor<T>>> {
  const located = await loadManifest(encoder, base, modelFolder, task);
  if (isFor(task, located)) return located;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${encoder}": expected one for ${task}, this one is for ${located.manifest.task}`,
  );
}

function isFor<T extends EncoderManifest["task"]>(
  task: T,
  located: LocatedManifest,
): located is LocatedManifest<ManifestFor<T>> {
  return located.manifest.task === task;
}

/** Everything that decides a vector: weights, preparation and output. Two encoders of one digest give the same vectors. */
export function encoderDigest(manifest: EncoderManifest): string {
  const { task, files, model, outputName, dimension } = manifest;
  const sortedFiles = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const { version } = taskNamed(task);
  const preparation = preparationOf(manifest);
  const content = { task, files: sortedFiles, model, outputName, dimension, preparation, version };
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

async function missing(encoder: string, path: string): Promise<never> {
  const known = await listManifests();
  const near = nearestName(encoder, known);
  const remedy = near === undefined ? `known encoders: ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new TailrecError("MODEL_MISSING", `encoder "${encoder}": no manifest at ${path}; ${remedy}`);
}
