/** The command as people type it: the compiled program in a process of its own. */
import { execFile } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..", "..");
export const main = join(root, "dist", "app", "cli", "main.js");

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function tailrec(...args: readonly string[]): Promise<Outcome> {
  return tailrecWith({}, ...args);
}

export function tailrecWith(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Outcome> {
  const env = { ...process.env, TAILREC_DEBUG: "", ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code);
      resolve({ status, stdout, stderr });
    });
  });
}
