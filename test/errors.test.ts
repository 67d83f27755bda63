import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ERROR_TABLE, type ErrorCode, TailrecError } from "../src/errors.ts";

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");

describe("error codes", () => {
  it("README lists exactly the codes of the table, with exit status, HTTP status and meaning", () => {
    const expected = Object.entries(ERROR_TABLE).map(([code, { exit, http, meaning }]) => [
      `\`${code}\``,
      String(exit),
      String(http),
      meaning,
    ]);
    expect(readmeRows()).toEqual(expected);
  });

  it("exit statuses mean: 1 a fault of ours, 2 bad input or config, 3 missing model or data", () => {
    const missing = Object.entries(ERROR_TABLE).filter(([code]) => /MISSING|NOT_FOUND/.test(code));
    expect(missing.map(([, { exit }]) => exit)).toEqual([3, 3, 3]);
    expect(ERROR_TABLE.INTERNAL.exit).toBe(1);
    expect(ERROR_TABLE.INVALID_OPTIONS.exit).toBe(2);
  });

  it("a TailrecError keeps its code, message and cause", () => {
    const cause = new Error("ENOSPC");
    const code: ErrorCode = "OUTPUT_FAILED";
    const error = new TailrecError(code, "the disk is full", { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      "TailrecError",
      code,
      "the disk is full",
      cause,
    ]);
  });
});

/** The cells of the table between the two markers, without its two heading rows. */
function readmeRows(): string[][] {
  const table = /<!-- errors:begin -->\n([\s\S]*?)<!-- errors:end -->/.exec(readme)?.[1] ?? "";
  const rows = table.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}
