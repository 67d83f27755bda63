import { describe, expect, it } from "vitest";
import { ERROR_TABLE, type ErrorCode, TailrecError } from "../src/errors.ts";

describe("error codes", () => {
  it("each say what they mean and what to do, in words without a full stop", () => {
    const words = Object.values(ERROR_TABLE).flatMap(({ meaning, remedy }) => [meaning, remedy]);
    expect(words.filter((text) => text.length < 10 || text.endsWith("."))).toEqual([]);
  });

  it("exit statuses mean: 1 a fault of ours, 2 bad input or config, 3 missing model or data", () => {
    const missing = Object.entries(ERROR_TABLE).filter(([code]) => /MISSING|NOT_FOUND/.test(code));
    expect(missing.length).toBeGreaterThan(4);
    expect(missing.filter(([, { exit }]) => exit !== 3)).toEqual([]);
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
