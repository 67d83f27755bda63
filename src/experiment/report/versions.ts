/** What computed a result: tailrec, the runtime, and the libraries whose arithmetic is in it. */
import { createRequire } from "node:module";
import { defaultBackend } from "../../math/compute/backend.ts";

const require = createRequire(import.meta.url);

export function versions(): Record<string, string> {
  return {
    tailrec: versionOf("../../../package.json"),
    backend: defaultBackend().name,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    "onnxruntime-node": versionOf("onnxruntime-node/package.json"),
    "umap-js": versionOf("umap-js/package.json"),
  };
}

function versionOf(path: string): string {
  return (require(path) as { version: string }).version;
}
