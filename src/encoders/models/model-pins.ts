/**
 * Trust on first use, for hub encoders whose manifest leaves the commit or digests open: one pull takes the files as they come and
 * writes down what they were; every later use is checked against that, as if the manifest had said it.
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import { TailrecError } from "../../errors.ts";
import { textAt } from "./folder-files.ts";
import { graphDataFiles } from "./graph-data-files.ts";
import { askRepository } from "./hub-repository.ts";
import {
  defaultModelFolder,
  isComplete,
  type LocatedManifest,
  loadManifest,
  pinsPath,
  readManifest,
} from "./manifest.ts";
import type { Pins, WrittenManifest } from "./manifest-schema.ts";
import { type DownloadContext, downloadModelFile } from "./model-download.ts";
import type { ModelFilesContext } from "./model-files.ts";

/** The manifest with everything known, after pinning what it leaves open. MODEL_MISSING when the hub cannot be reached. */
export async function pinFirstUse(encoder: string, base: string, context: ModelFilesContext): Promise<LocatedManifest> {
  const { modelFolder = defaultModelFolder() } = context;
  const { manifest } = await readManifest(encoder, base);
  if (!isComplete(manifest) && (await textAt(pinsPath(manifest, modelFolder))) === null) {
    const pins = await fetchPins(manifest, modelFolder, context);
    await writeFileAtomic(pinsPath(manifest, modelFolder), `${JSON.stringify(pins, null, 1)}\n`);
  }
  return loadManifest(encoder, base, modelFolder);
}

async function fetchPins(manifest: WrittenManifest, modelFolder: string, context: DownloadContext): Promise<Pins> {
  const { source, name: encoder } = manifest;
  if (source.kind === "file")
    throw new TailrecError("MODEL_INVALID", `encoder "${encoder}": its files are not of the hub`);
  const { repository } = source;
  const revision = source.revision ?? (await askRepository(encoder, repository, null, context)).revision;
  const folder = join(modelFolder, repository, revision);
  const files: Record<string, string> = {};
  const fetchFile = async (name: string, digest: string | null): Promise<void> => {
    const file = { encoder, repository, revision, name, digest };
    files[name] = await downloadModelFile(file, join(folder, name), context);
  };
  for (const [name, digest] of Object.entries(manifest.files)) await fetchFile(name, digest);
  // What the graph keeps weights in belongs to it, whether its author knew or not.
  for (const name of graphDataFiles(manifest.model, join(folder, manifest.model)) ?? []) {
    if (!Object.hasOwn(files, name)) await fetchFile(name, null);
  }
  return { revision, files };
}
