/**
 * What every encoder manifest says, whatever the encoder reads: where it comes from, how its files are checked, and which output
 * of its graph is the vector. How inputs are prepared is the task's own part, under the task's name.
 */
import { isAbsolute, normalize } from "node:path/posix";
import { z } from "zod";

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256 digest, 64 lower-case hexadecimal digits");
export const commit = z.string().regex(/^[0-9a-f]{40}$/, "expected a full commit hash: a branch or tag may move");
export const relativePath = z.string().refine(staysInside, "expected a path inside the encoder's folder");

/** Whether a path stays below its folder on any system, whatever that system takes for a separator. */
export function staysInside(path: string): boolean {
  const way = normalize(path);
  const isPlain = path !== "" && !/[\\\0]|^[A-Za-z]:/.test(path);
  return isPlain && !isAbsolute(way) && way !== "." && way.split("/")[0] !== "..";
}

/** A name that files are called by: golden vectors, what a trusted pull records. */
const fileName = z
  .string()
  .regex(/^[^/\\\p{Cc}]{1,200}$/u, "expected a name without slashes and control characters")
  .refine((name) => !/^\.+$/.test(name), "expected a name, not a folder's");

/** How a vector's length is treated, for the preparation of any task. */
export const normalise = z.boolean().describe("whether vectors are brought to length 1");

/** The common part with its digests and its commit as given: always known, or null where the author could not check them. */
export function commonManifestSchema<D extends z.ZodType<string | null>, C extends z.ZodType<string | null>>(
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
  return z.strictObject({
    name: fileName.describe("what a pipeline calls the encoder"),
    description: z.string().describe("what it is and what it is good for; says so when the weights are untrained"),
    licence: z.string().describe("licence of the weights"),
    source,
    files: z
      .record(relativePath, digest)
      .describe("every file the encoder needs, with its sha256; null until the first trusted pull"),
    model: z.string().describe("the ONNX file among `files`"),
    outputName: z.string().nullable().describe("the graph output to read; null for its first"),
    dimension: z.int().positive().describe("length of a vector"),
  });
}

/** The common part with everything known. */
export type CommonManifest = z.output<ReturnType<typeof commonManifestSchema<typeof sha256, typeof commit>>>;

/** The common part as its file has it, perhaps with open places. */
export type WrittenCommon = z.output<
  ReturnType<typeof commonManifestSchema<z.ZodNullable<typeof sha256>, z.ZodNullable<typeof commit>>>
>;

/** A manifest of one task; the preparation stands under the task's name. */
export type TaskManifest<Name extends string, Preparation, Common = CommonManifest> = Common & {
  readonly task: Name;
} & { readonly [N in Name]: Preparation };
