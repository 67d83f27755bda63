/** Node's headers without a download: a folder with include/node, as node-gyp's --nodedir wants it. */
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The little of node's own common.gypi that an addon needs. */
const COMMON_GYPI = {
  target_defaults: {
    default_configuration: "Release",
    configurations: { Debug: {}, Release: {} },
    cflags: ["-fPIC"],
    xcode_settings: { OTHER_LDFLAGS: ["-undefined dynamic_lookup"] },
  },
};

/** The running node's own prefix where it has them, else a folder below `root` made from the Node-API package. */
export function nodeHeaders(root) {
  const prefix = dirname(dirname(process.execPath));
  if (existsSync(join(prefix, "include", "node", "common.gypi"))) return prefix;
  const folder = join(root, "build-headers", "include", "node");
  cpSync(require("node-api-headers").include_dir, folder, { recursive: true });
  writeFileSync(join(folder, "common.gypi"), JSON.stringify(COMMON_GYPI));
  return join(root, "build-headers");
}
