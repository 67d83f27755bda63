/**
 * `npm run prebuildify`: the kernel for this platform as prebuilds/PLATFORM-ARCH/tailrec.LIBC.node, which `npm publish` packs.
 * One binary serves every Node release (Node-API) and every processor (instruction sets are chosen at run time).
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import prebuildify from "prebuildify";
import { nodeHeaders } from "./node-headers.mjs";

const root = join(import.meta.dirname, "..");
const nodeGyp = join(dirname(createRequire(import.meta.url).resolve("node-gyp/package.json")), "bin", "node-gyp.js");

process.env.npm_config_nodedir = nodeHeaders(root);
prebuildify({ cwd: root, nodeGyp, targets: [process.version], napi: true, tagLibc: true, strip: true }, (error) => {
  if (error) throw error;
});
