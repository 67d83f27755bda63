/**
 * Run by npm at install. Where a prebuilt binary (prebuilds/PLATFORM-ARCH/*.node) of these sources loads there is nothing to do,
 * else the kernel is compiled into build/Release by node-gyp, with headers that need no download. Where neither works the
 * package is complete all the same: the TypeScript kernel runs instead, and one line says so.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { nodeHeaders } from "./node-headers.mjs";
import { leaveCudaOut } from "./processor-only.mjs";

const root = join(import.meta.dirname, "..");
const require = createRequire(import.meta.url);

leaveCudaOut(process.env);
const failure = loads({ PREBUILDS_ONLY: "1" }) ? undefined : compile();
if (failure !== undefined) {
  console.log(`tailrec: the compiled kernel was not built (${failure}); the slower TypeScript kernel will run instead`);
}

/** Why there is no addon afterwards; undefined when there is. */
function compile() {
  const gyp = join(dirname(require.resolve("node-gyp/package.json")), "bin", "node-gyp.js");
  const options = [
    "rebuild",
    "--directory",
    root,
    "--nodedir",
    nodeHeaders(root),
    "--loglevel",
    "error",
    "--jobs",
    "max",
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [gyp, ...options], { encoding: "utf8" });
  if (status === 0 && loads({})) return undefined;
  rmSync(join(root, "build", "Release"), { recursive: true, force: true });
  const lines = `${stderr}\n${stdout}`.split("\n");
  // What is missing, before what failed for want of it.
  const reasons = [/find Python|No such file or directory|not found/i, /stack Error/, /error|ERR!/i];
  const reason = reasons.flatMap((pattern) => lines.filter((line) => pattern.test(line)))[0];
  return reason === undefined
    ? `node-gyp ended with status ${status}`
    : reason.replace(/^gyp ERR! (stack )?/, "").trim();
}

/** Of these sources, and in a process of its own: a binary for another C library could take this one down. */
function loads(environment) {
  const script =
    "process.exit(require(process.argv[1])(process.argv[2]).sources === require(process.argv[3])() ? 0 : 1)";
  const files = [require.resolve("node-gyp-build"), root, join(root, "native", "sources-digest.cjs")];
  const env = { ...process.env, ...environment };
  return spawnSync(process.execPath, ["-e", script, ...files], { env, stdio: "ignore" }).status === 0;
}
