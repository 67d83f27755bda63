/**
 * Preloaded into the command: counts its calls that change the file system. At the call CHAOS_AT the process is killed, a file that
 * was to be written half written; with CHAOS_CODE, that call and all later ones that need room on the disk fail with this code
 * instead. CHAOS_COUNT names a file for the number of calls.
 */
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");
const { isMainThread } = require("node:worker_threads");

const { CHAOS_AT, CHAOS_CODE, CHAOS_COUNT } = process.env;
const last = Number(CHAOS_AT ?? Number.POSITIVE_INFINITY);
const { writeFileSync } = fs;
const NEEDING_ROOM = ["mkdir", "mkdtemp", "writeFile", "appendFile", "write", "copyFile", "symlink"];
const OTHERS = ["rename", "link", "unlink", "rm", "rmdir", "truncate", "ftruncate"];
let calls = 0;

if (isMainThread) {
  for (const name of [...NEEDING_ROOM, ...OTHERS]) {
    replace(fs, `${name}Sync`, name, (error) => {
      throw error;
    });
    replace(fs.promises, name, name, (error) => Promise.reject(error));
    replace(fs, name, name, (error, ...given) => process.nextTick(given.at(-1), error));
  }
  syncBuiltinESMExports();
  if (CHAOS_COUNT !== undefined) process.on("exit", () => writeFileSync(CHAOS_COUNT, String(calls)));
}

function replace(holder, method, name, fail) {
  const original = holder[method];
  if (original === undefined) return;
  holder[method] = (...given) => {
    calls++;
    if (CHAOS_CODE === undefined && calls >= last) die(name, given);
    if (CHAOS_CODE !== undefined && calls >= last && NEEDING_ROOM.includes(name) && !isStream(given[0]))
      return fail(
        Object.assign(new Error(`${CHAOS_CODE}: no space left on device, ${name}`), { code: CHAOS_CODE }),
        ...given,
      );
    return original.call(holder, ...given);
  };
}

function die(name, [path, data]) {
  const isWhole = name === "writeFile" && typeof path === "string" && typeof data?.length === "number";
  if (isWhole) writeFileSync(path, data.slice(0, data.length / 2));
  process.kill(process.pid, "SIGKILL");
}

/** Standard output and error are not on the disk. */
function isStream(target) {
  return target === 1 || target === 2;
}
