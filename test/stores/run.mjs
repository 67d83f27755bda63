/**
 * `npm run test:stores`: installs stores and clients from the locked package beside this file, and holds every store to one contract.
 * Status 4 says that they could not be installed here: SQLite is compiled where no prebuilt binary can be had.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const here = import.meta.dirname;
const root = resolve(here, "../..");
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

const NOT_INSTALLED = 4;

/** Runs a command to its end; ends this one with `failure`, or the command's own status, where it fails. */
function run(command, args, cwd, failure) {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) process.exit(failure ?? status ?? 1);
}

const read = (path) => (existsSync(path) ? readFileSync(path, "utf8") : "");
const installed = read(join(here, "node_modules", ".package-lock.json"));
const wanted = JSON.parse(read(join(here, "package.json"))).dependencies;
const isThere = Object.entries(wanted).every(([name, version]) => {
  const manifest = read(join(here, "node_modules", name, "package.json"));
  return manifest !== "" && JSON.parse(manifest).version === version;
});
if (installed === "" || !isThere) run(npm, ["ci", "--no-audit", "--no-fund"], here, NOT_INSTALLED);
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
// In this folder, whose packages the stores' clients are.
run(
  process.execPath,
  [vitest, "run", "--root", root, "--config", join(here, "vitest.config.ts"), ...process.argv.slice(2)],
  here,
);
