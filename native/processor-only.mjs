/**
 * Part of the install step. onnxruntime-node fetches hundreds of megabytes of CUDA libraries at `postinstall` where they
 * are missing. tailrec computes on the processor alone, so empty files stand in for them: npm runs every `install` script
 * before any `postinstall`. Who wants CUDA keeps it: by ONNXRUNTIME_NODE_INSTALL, or by a dependency on onnxruntime-node.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** Puts an empty file where npm is about to fetch a CUDA library that nobody asked for. */
export function leaveCudaOut(environment) {
  if (environment.npm_lifecycle_event !== "install" || environment.ONNXRUNTIME_NODE_INSTALL !== undefined) return;
  if (projectAsksFor(environment, "onnxruntime-node")) return;
  for (const path of cudaLibraries()) if (!existsSync(path)) writeFileSync(path, "");
}

/** Whether the project that is installed into depends on the package by itself. The repository of tailrec does, too. */
function projectAsksFor(environment, name) {
  const manifest = join(environment.npm_config_local_prefix ?? "", "package.json");
  if (environment.npm_config_global === "true" || !existsSync(manifest)) return false;
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(manifest, "utf8"));
  return [dependencies, devDependencies, optionalDependencies].some((list) => list?.[name] !== undefined);
}

/** The files that the install script of onnxruntime-node looks for on this platform. */
function cudaLibraries() {
  const home = dirname(require.resolve("onnxruntime-node/package.json"));
  const { requirements, manifests } = require(join(home, "script", "install-metadata.js"));
  const platform = `${process.platform}/${process.arch}`;
  const files = (requirements[platform] ?? []).flatMap((name) => Object.keys(manifests[`${platform}:${name}`]));
  return files.map((file) => join(home, "bin", "napi-v6", platform, file));
}
