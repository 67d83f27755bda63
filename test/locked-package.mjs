/**
 * Tests beside peers that are too large, or too far off, for everybody's install. A folder has a locked package of its own, and contracts
 * run with it. Status 4 says that the package could not be installed here.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

const NOT_INSTALLED = 4;

/** Installs the package of `folder` where it is not, with further `flags` of npm, and runs the contracts that its vitest.config.ts names. */
export function testWithPackage(folder, flags = []) {
  if (!isInstalled(folder)) run(npm, ["ci", "--no-audit", "--no-fund", ...flags], folder, NOT_INSTALLED);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const config = join(folder, "vitest.config.ts");
  // In this folder, whose packages the peers are.
  run(process.execPath, [vitest, "run", "--root", root, "--config", config, ...process.argv.slice(2)], folder);
}

/** Runs a command to its end; ends this one with `failure`, or the command's own status, where it fails. */
function run(command, args, cwd, failure) {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) process.exit(failure ?? status ?? 1);
}

/** Whether everything lies there in the version that is wanted; a package that is linked from tailrec's own has its version there. */
function isInstalled(folder) {
  const wanted = JSON.parse(read(join(folder, "package.json"))).dependencies;
  const isThere = ([name, version]) => {
    const manifest = read(join(folder, "node_modules", name, "package.json"));
    return manifest !== "" && (version.startsWith("file:") || JSON.parse(manifest).version === version);
  };
  return read(join(folder, "node_modules", ".package-lock.json")) !== "" && Object.entries(wanted).every(isThere);
}

function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
