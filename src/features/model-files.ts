/**
 * The files of an encoder on this machine: where the manifest puts them, each checked against its sha256 before use. Those of
 * a hub repository lie in the cache folder under REPOSITORY/REVISION, once they have been downloaded.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { TailrecError } from "../errors.ts";
import type { LocatedManifest } from "./manifest.ts";

/** Where downloaded encoders are kept unless a caller says otherwise. */
export const defaultModelFolder = join(homedir(), ".cache", "tailrec", "models");

/** The absolute path of every file of the manifest, by its name there. */
export function modelFilePaths({ manifest, folder }: LocatedManifest, modelFolder: string): Record<string, string> {
  const { source } = manifest;
  const base =
    source.kind === "file" ? resolve(folder, source.folder) : join(modelFolder, source.repository, source.revision);
  return Object.fromEntries(Object.keys(manifest.files).map((name) => [name, join(base, name)]));
}

/** Paths of the files, all present and unaltered. MODEL_MISSING or MODEL_INVALID otherwise, with the remedy. */
export async function verifiedModelFiles(
  located: LocatedManifest,
  modelFolder = defaultModelFolder,
): Promise<Record<string, string>> {
  const paths = modelFilePaths(located, modelFolder);
  for (const [name, path] of Object.entries(paths)) await verifyFile(located, name, path);
  return paths;
}

async function verifyFile({ manifest }: LocatedManifest, name: string, path: string): Promise<void> {
  const present = await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (!present) {
    const remedy =
      manifest.source.kind === "file"
        ? "put the file there or name another encoder"
        : "download it first (models pull)";
    throw new TailrecError("MODEL_MISSING", `encoder "${manifest.name}": ${path} is not on this machine; ${remedy}`);
  }
  const digest = await fileDigest(path);
  if (digest === manifest.files[name]) return;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${manifest.name}": ${path} has sha256 ${digest}, its manifest says ${manifest.files[name]}; fetch the file again`,
  );
}

/** The sha256 of a file, in hexadecimal. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
