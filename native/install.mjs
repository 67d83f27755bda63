/**
 * Run by npm at install: gives build/Release/tailrec_kernel.node, from a prebuilt binary (prebuilds/PLATFORM-ARCH/*.node)
 * where one loads, else by node-gyp with headers that need no download. Where neither works the package is complete all
 * the same: the TypeScript kernel runs instead, and one line says so.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const built = join(root, "build", "Release", "tailrec_kernel.node");
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

const failure = usePrebuilt() ? undefined : compile();
if (failure !== undefined) {
  console.log(`tailrec: the compiled kernel was not built (${failure}); the slower TypeScript kernel will run instead`);
}

function usePrebuilt() {
  const folder = join(root, "prebuilds", `${process.platform}-${process.arch}`);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".node")) : [];
  const fitting = files.map((name) => join(folder, name)).find(loads);
  if (fitting === undefined) return false;
  mkdirSync(dirname(built), { recursive: true });
  copyFileSync(fitting, built);
  return true;
}

/** Why there is no addon afterwards; undefined when there is. */
function compile() {
  const gyp = join(dirname(require.resolve("node-gyp/package.json")), "bin", "node-gyp.js");
  const options = ["rebuild", "--directory", root, "--nodedir", headers(), "--loglevel", "error", "--jobs", "max"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [gyp, ...options], { encoding: "utf8" });
  if (status === 0 && loads(built)) return undefined;
  rmSync(built, { force: true });
  const said = `${stderr}\n${stdout}`.split("\n").filter((line) => /error|ERR!|not found/i.test(line));
  const reason = said.find((line) => /find Python|not found|g\+\+|stack Error/i.test(line)) ?? said[0];
  return reason === undefined
    ? `node-gyp ended with status ${status}`
    : reason.replace(/^gyp ERR! (stack )?/, "").trim();
}

/** A folder with include/node: the running node's own prefix, else one made from the Node-API package. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  if (existsSync(join(prefix, "include", "node", "common.gypi"))) return prefix;
  const folder = join(root, "build-headers", "include", "node");
  cpSync(require("node-api-headers").include_dir, folder, { recursive: true });
  writeFileSync(join(folder, "common.gypi"), JSON.stringify(COMMON_GYPI));
  return join(root, "build-headers");
}

function loads(path) {
  const script = "require(process.argv[1]).instructionSets.length";
  return spawnSync(process.execPath, ["-e", script, path], { stdio: "ignore" }).status === 0;
}
