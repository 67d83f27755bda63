/**
 * The files of an encoder on this machine: where the manifest puts them, each checked against its sha256 before use, those that its
 * graph keeps weights in included. Those of a hub repository lie in the model folder under REPOSITORY/REVISION and are fetched at first
 * use.
 */
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TailrecError } from "../../errors.ts";
import { excerpt } from "../../excerpt.ts";
import { isAbsence, readError } from "../../file-errors.ts";
import { requireContent } from "./file-content.ts";
import { fileDigest } from "./file-digest.ts";
import { graphDataFiles } from "./graph-data-files.ts";
import { defaultModelFolder, type EncoderManifest, type LocatedManifest } from "./manifest.ts";
import { type DownloadContext, downloadModelFile } from "./model-download.ts";

export interface ModelFilesContext extends DownloadContext {
  /** Where downloaded encoders lie; ~/.cache/tailrec/models when absent. */
  readonly modelFolder?: string;
}

/** The absolute path of every file of the manifest, by its name there. */
export function modelFilePaths(
  { manifest, folder }: LocatedManifest,
  modelFolder = defaultModelFolder(),
): Record<string, string> {
  const { source } = manifest;
  const base =
    source.kind === "file" ? resolve(folder, source.folder) : join(modelFolder, source.repository, source.revision);
  return Object.fromEntries(Object.keys(manifest.files).map((name) => [name, join(base, name)]));
}

/**
 * Paths of the files, all present and unaltered. MODEL_MISSING or MODEL_INVALID, with the remedy, otherwise; UNREADABLE_INPUT where the
 * right to read one is missing.
 */
export async function verifiedModelFiles(
  located: LocatedManifest,
  modelFolder?: string,
): Promise<Record<string, string>> {
  const paths = modelFilePaths(located, modelFolder);
  for (const [name, path] of Object.entries(paths)) {
    if (!(await isFile(path))) throw missingFile(located.manifest, path);
    await checkDigest(located.manifest, name, path);
  }
  requireDataFiles(located.manifest, paths);
  return paths;
}

/** MODEL_INVALID when the graph keeps weights in a file that the manifest does not name: nothing would check it. */
function requireDataFiles(
  { name, source, model, files }: EncoderManifest,
  paths: Readonly<Record<string, string>>,
): void {
  const missing = graphDataFiles(model, paths[model])?.find((file) => !Object.hasOwn(files, file));
  if (missing === undefined) return;
  const remedy =
    source.kind === "file"
      ? 'make the manifest again by "tailrec models add"'
      : "add it to `files` with its sha256, or with null and pull it by --trust-first-use";
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${name}": the graph keeps weights in ${excerpt(missing)}, which its manifest does not name; ${remedy}`,
  );
}

/** Fetches the files of a hub that are not here, then verifies all like `verifiedModelFiles`. */
export async function fetchedModelFiles(
  located: LocatedManifest,
  context: ModelFilesContext = {},
): Promise<Record<string, string>> {
  const { manifest } = located;
  const { source } = manifest;
  if (source.kind === "huggingface") {
    const { repository, revision } = source;
    for (const [name, path] of Object.entries(modelFilePaths(located, context.modelFolder))) {
      const file = { encoder: manifest.name, repository, revision, name, digest: manifest.files[name] };
      if (!(await isFile(path))) await downloadModelFile(file, path, context);
    }
  }
  return verifiedModelFiles(located, context.modelFolder);
}

/** Whether a file is at the path. UNREADABLE_INPUT without the right to know. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (cause) {
    if (isAbsence(cause)) return false;
    throw readError(path, cause);
  }
}

function missingFile({ name, source }: EncoderManifest, path: string): TailrecError {
  const remedy =
    source.kind === "file"
      ? "put the file there or name another encoder"
      : `it is fetched from ${source.repository} by the first run that uses it`;
  return new TailrecError("MODEL_MISSING", `encoder "${name}": expected a file at ${path}, there is none; ${remedy}`);
}

async function checkDigest(manifest: EncoderManifest, name: string, path: string): Promise<void> {
  const digest = await fileDigest(path);
  if (digest === manifest.files[name]) return;
  await requireContent(path);
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${manifest.name}": ${path} has sha256 ${digest}, its manifest says ${manifest.files[name]}; remove the file and fetch it again, or correct the manifest`,
  );
}
