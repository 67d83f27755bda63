/** Steps that may fail without ending the command: each becomes a line of a PASS/FAIL list. */
import { type ErrorCode, TailrecError } from "../../errors.ts";

export interface Check {
  readonly name: string;
  readonly state: "passed" | "failed" | "not reached";
  /** What was found, or why it failed. */
  readonly detail: string;
  /** The error of a failed check. */
  readonly code?: ErrorCode;
}

/** Runs one step; a TailrecError becomes a failed check, anything else is a fault and passes through. */
export async function attempt<T>(
  name: string,
  step: () => Promise<T>,
  describe: (value: T) => string,
): Promise<{ readonly check: Check; readonly value?: T }> {
  try {
    const value = await step();
    return { check: { name, state: "passed", detail: describe(value) }, value };
  } catch (error) {
    if (!(error instanceof TailrecError) || error.code === "INTERRUPTED") throw error;
    return { check: { name, state: "failed", detail: error.message, code: error.code } };
  }
}

/** Throws the first failed check's code, so that the command ends with its exit status. `what` was checked. */
export function failIfAny(checks: readonly Check[], what: string): void {
  const failed = checks.filter(({ state }) => state === "failed");
  const [first] = failed;
  if (first?.code === undefined) return;
  throw new TailrecError(
    first.code,
    `${what}: ${failed.length} of ${checks.length} checks failed, first "${first.name}"`,
  );
}

/** The detail of a passed check of an encoder's files. */
export function filesRight(files: Readonly<Record<string, string>>): string {
  const count = Object.keys(files).length;
  return count === 1 ? "1 file, digest right" : `${count} files, digests right`;
}
