/**
 * What the system says of a file or folder that cannot be read, as an error of ours. "Permission denied" is told apart from "does not
 * exist" and from damage: the remedies have nothing in common.
 */
import { TailrecError } from "./errors.ts";

/** Whether the system refused for want of rights. */
export function isDenied(cause: unknown): boolean {
  return ["EACCES", "EPERM"].includes(systemCode(cause));
}

/** Whether nothing is at the path. */
export function isAbsence(cause: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(systemCode(cause));
}

/** FILE_NOT_FOUND where nothing of the kind is at `path`, UNREADABLE_INPUT for all else. An error of ours passes through. */
export function readError(path: string, cause: unknown): TailrecError {
  if (cause instanceof TailrecError) return cause;
  const error = (code: "FILE_NOT_FOUND" | "UNREADABLE_INPUT", what: string): TailrecError =>
    new TailrecError(code, `${path} ${what}`, { cause });
  if (isDenied(cause)) return error("UNREADABLE_INPUT", `cannot be read: permission denied; ${RIGHTS}`);
  switch (systemCode(cause)) {
    case "ENOENT":
      return error("FILE_NOT_FOUND", "does not exist; check the path");
    case "ENOTDIR":
      return error("FILE_NOT_FOUND", "does not exist: a part of the path is a file, not a folder");
    case "EISDIR":
      return error("FILE_NOT_FOUND", "is a folder; expected a file");
    default:
      return error(
        "UNREADABLE_INPUT",
        `could not be read (${messageOf(cause)}); check the disk, or copy the file again`,
      );
  }
}

const RIGHTS = "give this user the right to read it and to enter its folders";

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function systemCode(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
