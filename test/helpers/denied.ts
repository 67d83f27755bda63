/** A process without rights on files of others: as another user where these tests run as root, whom no file mode stops. */
import { execFile } from "node:child_process";
import { chmodSync, statSync } from "node:fs";

export interface DeniedOutcome {
  readonly status: number;
  readonly output: string;
}

const NOBODY = "65534";

/** Runs Node on `args` after the paths have been closed to everybody but their owner, who the process is not, or not even to it. */
export function runDenied(paths: readonly string[], args: readonly string[]): Promise<DeniedOutcome> {
  const isRoot = process.getuid?.() === 0;
  const modes = paths.map((path) => statSync(path).mode);
  for (const path of paths) chmodSync(path, isRoot ? 0o700 : 0o000);
  const asNobody = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", process.execPath, ...args];
  const [command, rest] = isRoot ? ["setpriv", asNobody] : [process.execPath, [...args]];
  return new Promise((resolve) => {
    execFile(command, rest, (error, stdout, stderr) => {
      for (const [i, path] of paths.entries()) chmodSync(path, modes[i]);
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}
