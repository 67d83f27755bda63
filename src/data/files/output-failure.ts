/** OUTPUT_FAILED: what could not be written, why in the system's own words, and what to do about it. */
import { TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space or write elsewhere",
  EDQUOT: "the disk quota is used up; free some space or write elsewhere",
  EFBIG: "the file is larger than this process may write; raise the limit (ulimit -f) or write elsewhere",
  EACCES: "no permission to write there; change the permissions or write elsewhere",
  EPERM: "no permission to write there; change the permissions or write elsewhere",
  EROFS: "the file system is read-only; write elsewhere",
  EISDIR: "a folder of that name is in the way; remove it or write elsewhere",
  EEXIST: "a file is in the way of a folder of that name; remove it or write elsewhere",
  ENOTDIR: "a file is in the way of a folder of that name; remove it or write elsewhere",
};

/** The error for `target`; an error of tailrec's own passes unchanged. */
export function outputFailed(target: string, cause: unknown): TailrecError {
  if (cause instanceof TailrecError) return cause;
  const message = messageOf(cause);
  const remedy = REMEDIES[errorCode(cause) ?? codeNamedIn(message)];
  const reason = remedy === undefined ? message : `${remedy} (${message})`;
  return new TailrecError("OUTPUT_FAILED", `could not write ${target}: ${reason}; earlier output is untouched`, {
    cause,
  });
}

/** Does `work`, whose failure is that of writing `target`. */
export async function writing<T>(target: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw outputFailed(target, cause);
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Writers such as DuckDB say the reason of the system in words only. */
function codeNamedIn(message: string): string {
  if (/no space left/i.test(message)) return "ENOSPC";
  if (/file too large/i.test(message)) return "EFBIG";
  return /permission denied/i.test(message) ? "EACCES" : "";
}
