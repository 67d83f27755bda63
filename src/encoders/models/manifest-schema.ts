/**
 * The schema of encoder manifests, one alternative a task. As written, a hub encoder may leave open what its author could not
 * check (null); as used, everything is known.
 */
import { z } from "zod";
import type { EncoderTask } from "../encoder-task.ts";
import { type BuiltInTask, encoderTasks, taskNamed } from "../tasks.ts";
import {
  type CommonManifest,
  commit,
  commonManifestSchema,
  relativePath,
  sha256,
  type TaskManifest,
  type WrittenCommon,
} from "./common-manifest.ts";

type ManifestOf<Task, Common> = Task extends EncoderTask<infer Name, infer P> ? TaskManifest<Name, P, Common> : never;

/** A manifest with everything known. */
export type EncoderManifest = ManifestOf<BuiltInTask, CommonManifest>;

/** A manifest as its file has it. */
export type WrittenManifest = ManifestOf<BuiltInTask, WrittenCommon>;

/** The manifests of one task. */
export type ManifestFor<Name extends EncoderManifest["task"]> = Extract<EncoderManifest, { task: Name }>;

/** How the encoder prepares its inputs: what stands under the name of its task. */
export function preparationOf(manifest: EncoderManifest | WrittenManifest): unknown {
  const fields: Readonly<Record<string, unknown>> = manifest;
  return fields[manifest.task];
}

/** The files that a manifest names, the model first. */
function namedFiles(manifest: WrittenManifest): readonly string[] {
  return [manifest.model, ...taskNamed(manifest.task).preparationFiles(preparationOf(manifest))];
}

/** One alternative a task, told apart by `task`. */
function unionOf(common: z.ZodObject): z.ZodType {
  const [first, ...others] = encoderTasks.map(({ name, preparation }) =>
    common.extend({ task: z.literal(name), [name]: preparation }),
  );
  return z.discriminatedUnion("task", [first, ...others]);
}

const writtenSchema = unionOf(commonManifestSchema(sha256.nullable(), commit.nullable())) as z.ZodType<WrittenManifest>;

/** Schema of a manifest as its file has it. */
export const writtenManifestSchema = writtenSchema.superRefine((manifest, context) => {
  for (const file of namedFiles(manifest).filter((name) => !(name in manifest.files))) {
    context.addIssue({ code: "custom", path: ["files"], message: `"${file}" is named but has no digest here` });
  }
  const open = Object.values(manifest.files).includes(null);
  if (open && manifest.source.kind === "file") {
    context.addIssue({ code: "custom", path: ["files"], message: "files beside the manifest need their digests" });
  }
});

/** Schema of a manifest with everything known. */
export const encoderManifestSchema = unionOf(commonManifestSchema(sha256, commit)) as z.ZodType<EncoderManifest>;

/** Schema of what a trusted pull found for the places that a manifest leaves open. */
export const pinsSchema = z.strictObject({ revision: commit, files: z.record(relativePath, sha256) });

export type Pins = z.output<typeof pinsSchema>;
