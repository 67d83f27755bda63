/** A file of ids, one a line: what command lines and rules name who and what by. */

import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { TailrecError } from "../../errors.ts";
import { readError } from "../../file-errors.ts";

/** The ids in file order; blank lines are none. FILE_NOT_FOUND, or UNREADABLE_INPUT where it is no text. */
export async function readIdLines(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw readError(`ids ${path}`, cause);
  });
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new TailrecError("UNREADABLE_INPUT", `ids ${path} is not UTF-8 text; expected one id a line`);
  }
  return bytes
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== "");
}
