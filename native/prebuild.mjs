/**
 * `npm run prebuildify`: the kernel as prebuilds/PLATFORM-ARCH/tailrec.LIBC.node, which `npm publish` packs. It is built for this machine,
 * and on Linux for both x64 and arm64, the other one by Debian's cross compiler. One binary serves every Node release (Node-API) and every
 * processor of its architecture (instruction sets are chosen at run time).
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import prebuildify from "prebuildify";
import { nodeHeaders } from "./node-headers.mjs";

const root = join(import.meta.dirname, "..");
const nodeGyp = join(dirname(createRequire(import.meta.url).resolve("node-gyp/package.json")), "bin", "node-gyp.js");
const build = promisify(prebuildify);

/** What Debian calls the tools of an architecture. */
const TRIPLES = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

process.env.npm_config_nodedir = nodeHeaders(root);
const others = process.platform === "linux" ? Object.keys(TRIPLES).filter((arch) => arch !== process.arch) : [];
for (const arch of others) await crossBuild(arch);
// Last, so that what is left in build/ is for this machine.
await buildFor(process.arch, "strip");

async function crossBuild(arch) {
  const triple = TRIPLES[arch];
  if (spawnSync(`${triple}-g++`, ["--version"]).status !== 0) {
    console.log(`${triple}-g++ is missing (Debian: g++-${triple}), so no kernel was built for ${arch}`);
    return;
  }
  const own = { ...process.env };
  Object.assign(process.env, { CC: `${triple}-gcc`, CXX: `${triple}-g++`, AR: `${triple}-ar` });
  await buildFor(arch, `${triple}-strip`);
  for (const name of ["CC", "CXX", "AR"]) {
    if (own[name] === undefined) delete process.env[name];
    else process.env[name] = own[name];
  }
}

function buildFor(arch, stripBin) {
  const target = { arch, targets: [process.version], napi: true, tagLibc: true, strip: true, stripBin };
  return build({ cwd: root, nodeGyp, ...target });
}
