/** The README's example is the code that runs here, against the package as it was built, from the repository's root. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

let code: string;
let stdout: string;

beforeAll(async () => {
  code = exampleOf(await readFile(join(root, "README.md"), "utf8"));
  // Plain JavaScript as it stands, so node runs it as typed; "tailrec" is the package's own name there.
  const options = ["--input-type=module", "--eval", code];
  stdout = (await promisify(execFile)(process.execPath, options, { cwd: root, maxBuffer: 1 << 24 })).stdout;
}, 120_000);

describe("the library example of the README", () => {
  it("is short", () => {
    const statements = code.split("\n").filter((line) => line !== "" && !line.startsWith("//"));
    expect(statements.length).toBeLessThanOrEqual(30);
  });

  it("names what a hidden product is like", () => {
    const [, titles] = stdout.match(/ is like \[([^\]]+)\]/) ?? [];
    expect(titles.match(/'[^']+'|"[^"]+"/g)).toHaveLength(3);
  });

  it("finds the hybrid far ahead of ALS among the hidden products", () => {
    const table = stdout.slice(stdout.indexOf("candidates: slice"));
    const [, als] = table.match(/^als +(\.\d+)/m) ?? [];
    const [, hybrid] = table.match(/^hybrid +(\.\d+)/m) ?? [];
    expect(Number(hybrid)).toBeGreaterThan(3 * Number(als));
  });
});

/** The first ts block after the marker. */
function exampleOf(readme: string): string {
  const [, block] = readme.match(/<!-- example:begin -->[\s\S]*?```ts\n([\s\S]*?)```/) ?? [];
  if (block === undefined) throw new Error("README.md has no ts block after <!-- example:begin -->");
  return block;
}
