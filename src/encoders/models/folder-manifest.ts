/**
 * The manifest of a folder that pipelines name by its path. One that `tailrec models add` wrote into it is taken as it is. Without
 * one the folder is tried in a process of its own, once as long as its files do not change.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { tryModelFolder } from "../trial/folder-trial.ts";
import type { AddedModel, AddedModelOptions } from "./added-model.ts";
import { filesBelow, textAt } from "./folder-files.ts";
import type { EncoderManifest } from "./manifest-schema.ts";
import type { Dtype } from "./transformers-layout.ts";

/** What `tailrec models add` writes, in the encoder's folder. */
export const ADDED_MANIFEST = "tailrec-encoder.json";

const tried = new Map<string, Promise<AddedModel>>();

/** The text of the manifest that was added to a folder; null where there is none, or where a dtype is asked for. */
export async function addedManifest(path: string, dtype: Dtype | null): Promise<string | null> {
  return dtype === null ? textAt(join(path, ADDED_MANIFEST)) : null;
}

/** The manifest by a trial. Errors: those of `tryModelFolder`. */
export async function triedManifest(
  path: string,
  task: EncoderManifest["task"] | undefined,
  dtype: Dtype | null,
): Promise<EncoderManifest> {
  const options: AddedModelOptions = { task, ...(dtype !== null && { dtype }) };
  const key = JSON.stringify([path, options, await stampsBelow(path)]);
  const trial = tried.get(key) ?? tryModelFolder(path, options);
  tried.set(key, trial);
  trial.catch(() => tried.delete(key));
  return (await trial).manifest;
}

/** Size and time of every file: what is the same in both is taken for unchanged until digests are checked. */
async function stampsBelow(folder: string): Promise<readonly (readonly [string, number, number])[]> {
  const files = await filesBelow(folder);
  return Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(join(folder, file));
      return [file, size, mtimeMs] as const;
    }),
  );
}
