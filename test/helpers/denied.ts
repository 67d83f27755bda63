/** A process whom file modes stop, also where these tests run as root: there it goes without the capabilities to pass them by. */
import { execFile } from "node:child_process";
import { chmodSync, statSync } from "node:fs";

export interface DeniedOutcome {
  readonly status: number;
  readonly output: string;
}

const PASSING = "-dac_override,-dac_read_search";

/** Runs Node on `args` after the paths have been closed to everybody, their owner too. */
export function runDenied(paths: readonly string[], args: readonly string[]): Promise<DeniedOutcome> {
  const isRoot = process.getuid?.() === 0;
  const modes = paths.map((path) => statSync(path).mode);
  for (const path of paths) chmodSync(path, 0o000);
  const stopped = ["--bounding-set", PASSING, "--inh-caps", PASSING, process.execPath, ...args];
  const [command, rest] = isRoot ? ["setpriv", stopped] : [process.execPath, [...args]];
  return new Promise((resolve) => {
    execFile(command, rest, (error, stdout, stderr) => {
      for (const [i, path] of paths.entries()) chmodSync(path, modes[i]);
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}
