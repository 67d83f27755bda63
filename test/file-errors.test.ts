import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { TailrecError } from "../src/errors.ts";
import { isDenied, readError } from "../src/file-errors.ts";

const folder = mkdtempSync(join(tmpdir(), "tailrec-file-errors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "file"), "x");
symlinkSync("circle", join(folder, "circle"));

function errorOf(path: string): TailrecError {
  try {
    readFileSync(path);
  } catch (cause) {
    return readError(path, cause);
  }
  throw new Error(`expected ${path} to be unreadable`);
}

describe("what the system says of a path", () => {
  it.each([
    ["none", "FILE_NOT_FOUND", "does not exist"],
    ["file/below", "FILE_NOT_FOUND", "a part of the path is a file"],
    [".", "FILE_NOT_FOUND", "is a folder"],
    ["circle", "UNREADABLE_INPUT", "ELOOP"],
  ])("of %s is %s: %s", (name, code, said) => {
    const error = errorOf(join(folder, name));
    expect(error).toMatchObject({ code, message: expect.stringContaining(said) });
    expect(error.message).toContain(join(folder, name));
  });

  it.each(["EACCES", "EPERM"])("%s is permission denied, not a missing file", (code) => {
    const cause = Object.assign(new Error(`${code}: refused`), { code });
    expect(isDenied(cause)).toBe(true);
    expect(readError("/a/b", cause)).toMatchObject({
      code: "UNREADABLE_INPUT",
      message: expect.stringContaining("/a/b cannot be read: permission denied"),
    });
  });

  it("an error of ours passes through", () => {
    const own = new TailrecError("EMPTY_INPUT", "no rows");
    expect(readError("/a", own)).toBe(own);
    expect(isDenied(own)).toBe(false);
  });
});
