/**
 * Encoder manifests: JSON files that say where an encoder comes from, how its files are checked, and how inputs are prepared
 * for it and its output is pooled. Those of `models/` are named by their name, others by the path of their JSON file.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import { nearestName, parseOptions } from "../options.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256 digest, 64 lower-case hexadecimal digits");
const commit = z.string().regex(/^[0-9a-f]{40}$/, "expected a full commit hash: a branch or tag may move");
const relativePath = z
  .string()
  .refine(
    (path) => !isAbsolute(path) && !normalize(path).startsWith(".."),
    "expected a path inside the encoder's folder",
  );
const triple = z.tuple([z.number(), z.number(), z.number()]);

const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("file"),
    folder: z.string().describe("folder of the files, relative to the manifest"),
  }),
  z.strictObject({
    kind: z.literal("huggingface"),
    repository: z
      .string()
      .regex(/^[\w-][\w.-]*\/[\w-][\w.-]*$/, "expected owner/name")
      .describe("owner/name on the hub"),
    revision: commit.describe("the commit whose files the digests belong to"),
  }),
]);

const common = {
  name: z.string().describe("what a pipeline calls the encoder"),
  description: z.string().describe("what it is and what it is good for; says so when the weights are untrained"),
  licence: z.string().describe("licence of the weights"),
  source: sourceSchema,
  files: z.record(relativePath, sha256).describe("every file the encoder needs, with its sha256"),
  model: z.string().describe("the ONNX file among `files`"),
  outputName: z.string().describe("the graph output to read"),
  dimension: z.int().positive().describe("length of a vector"),
};

export const textPreparationSchema = z.strictObject({
  tokenizer: z.string().describe("the tokenizer.json among `files`"),
  maximumLength: z.int().min(2).describe("longest sequence in tokens, special ones included; the rest is cut off"),
  pooling: z.enum(["mean", "cls"]).describe("mean over the unmasked tokens, or the first token"),
  normalise: z.boolean().describe("whether vectors are brought to length 1"),
});

export const imagePreparationSchema = z.strictObject({
  size: z.int().positive().describe("side of the square that the graph takes, in pixels"),
  resize: z
    .discriminatedUnion("rule", [
      z.strictObject({ rule: z.literal("crop"), shortSide: z.int().positive() }),
      z.strictObject({ rule: z.literal("stretch") }),
    ])
    .describe("crop: scale the short side, then cut the central square; stretch: scale both sides to the square"),
  filter: z.enum(["bilinear", "bicubic", "lanczos"]).describe("resampling filter"),
  channelOrder: z.enum(["rgb", "bgr"]).describe("order of the colour planes"),
  mean: triple.describe("subtracted from values in [0, 1], in channel order"),
  std: triple.describe("divides the difference, in channel order"),
});

const manifestSchema = z
  .discriminatedUnion("task", [
    z.strictObject({ ...common, task: z.literal("text"), text: textPreparationSchema }),
    z.strictObject({ ...common, task: z.literal("image"), image: imagePreparationSchema }),
  ])
  .superRefine((manifest, context) => {
    const needed = manifest.task === "text" ? [manifest.model, manifest.text.tokenizer] : [manifest.model];
    for (const file of needed.filter((name) => !(name in manifest.files))) {
      context.addIssue({ code: "custom", path: ["files"], message: `"${file}" is named but has no digest here` });
    }
  });

export type EncoderManifest = z.output<typeof manifestSchema>;
export type TextManifest = Extract<EncoderManifest, { task: "text" }>;
export type ImageManifest = Extract<EncoderManifest, { task: "image" }>;

/** A manifest and the folder that its relative paths start from. */
export interface LocatedManifest<M extends EncoderManifest = EncoderManifest> {
  readonly manifest: M;
  readonly folder: string;
}

const modelsFolder = fileURLToPath(new URL("../../models/", import.meta.url));

/** Names of the encoders in `models/`, sorted. */
export async function listManifests(): Promise<string[]> {
  const files = await readdir(modelsFolder);
  const manifests = files.filter((file) => file.endsWith(".json"));
  return manifests.map((file) => file.slice(0, -".json".length)).sort();
}

/**
 * Reads the manifest of an encoder named by its name in `models/` or by a path ending in .json, relative to `base`.
 * MODEL_MISSING when there is none, MODEL_INVALID when it is not a manifest.
 */
export async function loadManifest(encoder: string, base: string): Promise<LocatedManifest> {
  const path = encoder.endsWith(".json") ? resolve(base, encoder) : join(modelsFolder, `${encoder}.json`);
  const text = await readFile(path, "utf8").catch((cause: unknown) => missing(encoder, path, cause));
  try {
    const manifest = parseOptions(manifestSchema, JSON.parse(text), path);
    return { manifest, folder: dirname(path) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TailrecError("MODEL_INVALID", `encoder "${encoder}": ${reason} (manifest ${path})`, { cause });
  }
}

/** As `loadManifest`, for an encoder that must do `task`; MODEL_INVALID when it does the other. */
export async function loadManifestFor<T extends EncoderManifest["task"]>(
  task: T,
  encoder: string,
  base: string,
): Promise<LocatedManifest<Extract<EncoderManifest, { task: T }>>> {
  const located = await loadManifest(encoder, base);
  if (isFor(task, located)) return located;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${encoder}": expected one for ${task}, this one is for ${located.manifest.task}`,
  );
}

function isFor<T extends EncoderManifest["task"]>(
  task: T,
  located: LocatedManifest,
): located is LocatedManifest<Extract<EncoderManifest, { task: T }>> {
  return located.manifest.task === task;
}

/** Everything that decides a vector: weights, preparation and output. Two encoders of one digest give the same vectors. */
export function encoderDigest(manifest: EncoderManifest): string {
  const { files, model, outputName, dimension } = manifest;
  const preparation = manifest.task === "text" ? manifest.text : manifest.image;
  const sortedFiles = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = { task: manifest.task, files: sortedFiles, model, outputName, dimension, preparation };
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

async function missing(encoder: string, path: string, cause: unknown): Promise<never> {
  const known = await listManifests();
  const near = nearestName(encoder, known);
  const remedy = near === undefined ? `known encoders: ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new TailrecError("MODEL_MISSING", `encoder "${encoder}": no manifest at ${path}; ${remedy}`, { cause });
}
