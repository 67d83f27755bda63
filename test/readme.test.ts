/** README's example is the code that runs here, against the package as it was built; what README says of figures is what they say. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { readFigures } from "../docs/figures.ts";
import { parsePipeline } from "../src/config.ts";

const root = join(import.meta.dirname, "..");

let readme: string;
let code: string;
let stdout: string;

beforeAll(async () => {
  readme = await readFile(join(root, "README.md"), "utf8");
  code = exampleOf(readme);
  // Plain JavaScript as it stands, so node runs it as typed; "tailrec" is the package's own name there.
  const options = ["--input-type=module", "--eval", code];
  stdout = (await promisify(execFile)(process.execPath, options, { cwd: root, maxBuffer: 1 << 24 })).stdout;
}, 120_000);

describe("the library example of the README", () => {
  it("is short, and shows the model that is served", () => {
    const statements = code.split("\n").filter((line) => line !== "" && !line.startsWith("//"));
    expect(statements.length).toBeLessThanOrEqual(15);
    expect(code).toContain("fitHybrid(");
  });

  it("lists for a journal what its comment says", () => {
    expect(code).toContain("// three journals and notebooks");
    const titles = stdout.match(/'[^']+'|"[^"]+"/g) ?? [];
    expect(titles).toHaveLength(3);
    expect(titles.filter((title) => /journal|notebook/.test(title))).toHaveLength(3);
  });
});

describe("README", () => {
  it("has at most 120 lines, and a pipeline file of 12", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(120);
    expect(pipeline().trimEnd().split("\n")).toHaveLength(12);
  });

  it("shows a pipeline file that holds, for the columns of its three lines", () => {
    const { data } = parsePipeline(pipeline(), "README.md");
    const [, heading] = readme.match(/```csv\n(.+)\n/) ?? [];
    const { user, item, event, time } = data.interactions.columns;
    expect([user, item, event, time]).toEqual(heading.split(","));
  });

  it("says of the figures what they say", () => {
    const figures = readFigures("quality");
    const value = (name: string, model: string) =>
      figures.find((figure) => figure.case === name && figure.engine === model)?.value ?? Number.NaN;
    const rivals = (name: string) =>
      figures.filter((figure) => figure.case === name && figure.engine !== "hybrid").map((figure) => figure.value);
    for (const data of ["shop", "amazon-scientific", "movielens-small"]) {
      const [cold, launch, next, similar] = [
        "cold-items/cold/slice",
        "launch/all/catalog",
        "warm-tail/all/catalog",
        "similar-items/all/catalog",
      ].map((protocol) => `${data}/${protocol}`);
      for (const name of [cold, launch, next])
        expect(value(name, "hybrid"), name).toBeGreaterThan(Math.max(...rivals(name)));
      expect(value(similar, "hybrid"), similar).toBeGreaterThan(Math.max(...rivals(similar)));
    }
    for (const data of ["shop", "movielens-small"])
      expect(value(`${data}/cold-items/cold/catalog`, "hybrid"), data).toBeLessThan(0.01);
  });
});

function pipeline(): string {
  const [, block] = readme.match(/```yaml\n([\s\S]*?)```/) ?? [];
  return block ?? "";
}

/** The first ts block. */
function exampleOf(readme: string): string {
  const [, block] = readme.match(/```ts\n([\s\S]*?)```/) ?? [];
  if (block === undefined) throw new Error("README.md has no ts block");
  return block;
}
