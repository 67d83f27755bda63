/**
 * What an encoder manifest holds: where the encoder comes from, how its files are checked, how inputs are prepared for its graph
 * and how the graph's output becomes a vector. As written, a hub encoder may leave open what its author could not check (null);
 * as used, everything is known.
 */
import { isAbsolute, normalize } from "node:path";
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256 digest, 64 lower-case hexadecimal digits");
const commit = z.string().regex(/^[0-9a-f]{40}$/, "expected a full commit hash: a branch or tag may move");
const relativePath = z
  .string()
  .refine(
    (path) => !isAbsolute(path) && !normalize(path).startsWith(".."),
    "expected a path inside the encoder's folder",
  );
const triple = z.tuple([z.number(), z.number(), z.number()]);

const normalise = z.boolean().describe("whether vectors are brought to length 1");

export const textPreparationSchema = z.strictObject({
  tokenizer: z.string().describe("the tokenizer.json among `files`"),
  maximumLength: z.int().min(2).describe("longest sequence in tokens, special ones included; the rest is cut off"),
  prefix: z.string().optional().describe('put before every text, for encoders trained with one ("query: ")'),
  pooling: z.enum(["mean", "cls"]).describe("mean over the unmasked tokens, or the first token"),
  normalise,
});

export const imagePreparationSchema = z.strictObject({
  size: z.int().positive().describe("side of the square that the graph takes, in pixels"),
  resize: z
    .discriminatedUnion("rule", [
      z.strictObject({ rule: z.literal("crop"), shortSide: z.int().positive() }),
      z.strictObject({ rule: z.literal("stretch") }),
    ])
    .describe("crop: scale the short side, then cut the central square; stretch: scale both sides to the square"),
  filter: z.enum(["bilinear", "bicubic", "lanczos"]).describe("resampling filter, as Pillow defines it"),
  channelOrder: z.enum(["rgb", "bgr"]).describe("order of the colour planes"),
  mean: triple.describe("subtracted from values in [0, 1], in channel order"),
  std: triple.describe("divides the difference, in channel order"),
  pooling: z
    .enum(["mean", "cls"])
    .optional()
    .describe("of an output of several tokens a picture: their mean or the first; absent when the graph gives vectors"),
  normalise: normalise.optional(),
});

/** The manifest with its digests and its commit as given: always known, or null where the author could not check them. */
function manifestSchema<D extends z.ZodType<string | null>, C extends z.ZodType<string | null>>(
  digest: D,
  revision: C,
) {
  const source = z.discriminatedUnion("kind", [
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
      revision: revision.describe("the commit whose files the digests belong to; null until the first trusted pull"),
    }),
  ]);
  const common = {
    name: z.string().describe("what a pipeline calls the encoder"),
    description: z.string().describe("what it is and what it is good for; says so when the weights are untrained"),
    licence: z.string().describe("licence of the weights"),
    source,
    files: z
      .record(relativePath, digest)
      .describe("every file the encoder needs, with its sha256; null until the first trusted pull"),
    model: z.string().describe("the ONNX file among `files`"),
    outputName: z.string().nullable().describe("the graph output to read; null for its first"),
    dimension: z.int().positive().describe("length of a vector"),
  };
  return z.discriminatedUnion("task", [
    z.strictObject({ ...common, task: z.literal("text"), text: textPreparationSchema }),
    z.strictObject({ ...common, task: z.literal("image"), image: imagePreparationSchema }),
  ]);
}

/** A manifest as its file has it. */
export const writtenManifestSchema = manifestSchema(sha256.nullable(), commit.nullable()).superRefine(
  (manifest, context) => {
    const needed = manifest.task === "text" ? [manifest.model, manifest.text.tokenizer] : [manifest.model];
    for (const file of needed.filter((name) => !(name in manifest.files))) {
      context.addIssue({ code: "custom", path: ["files"], message: `"${file}" is named but has no digest here` });
    }
    const open = Object.values(manifest.files).includes(null);
    if (open && manifest.source.kind === "file") {
      context.addIssue({ code: "custom", path: ["files"], message: "files beside the manifest need their digests" });
    }
  },
);

/** A manifest with everything known. */
export const encoderManifestSchema = manifestSchema(sha256, commit);

/** What a trusted pull found for the places that a manifest leaves open. */
export const pinsSchema = z.strictObject({ revision: commit, files: z.record(relativePath, sha256) });

export type WrittenManifest = z.output<typeof writtenManifestSchema>;
export type EncoderManifest = z.output<typeof encoderManifestSchema>;
export type Pins = z.output<typeof pinsSchema>;
export type TextManifest = Extract<EncoderManifest, { task: "text" }>;
export type ImageManifest = Extract<EncoderManifest, { task: "image" }>;
