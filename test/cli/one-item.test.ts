/** One item from the shell, and items from standard input: the vectors that a file of the same items gets. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main, type Outcome, tailrec } from "./tailrec.ts";
import { tiny, tinyPipeline } from "./tiny-pipeline.ts";

let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-one-item-"));
  const pipeline = join(folder, "tiny.yaml");
  await writeFile(pipeline, tinyPipeline(tiny, join(folder, "out")));
  const { status, stderr } = await tailrec(
    "run",
    pipeline,
    "--no-evaluate",
    "--quiet",
    "--cache",
    join(folder, "cache"),
  );
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  bundle = join(folder, "out", "bundle");
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

function piped(input: string, ...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args]);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => (output.stdout += text));
    child.stderr.on("data", (text) => (output.stderr += text));
    child.on("close", (status) => resolve({ status: status ?? 1, ...output }));
    child.stdin.end(input);
  });
}

const [title, brand, image] = ["Copper tea kettle", "Brindle & Co.", join(tiny, "images", "003.webp")];

describe("one item", () => {
  it("gets the vector that a file with the same item gets", async () => {
    const shell = ["--title", title, "--image", image, "--attribute", `brand=${brand}`, "--attribute", "price=45"];
    const { status, stdout } = await tailrec("embed", "--bundle", bundle, ...shell, "--id", "k1", "--json");
    expect(status).toBe(0);
    const one = JSON.parse(stdout);
    const file = join(folder, "one.jsonl");
    await writeFile(file, `${JSON.stringify({ item_id: "k1", title, brand, price: 45, image })}\n`);
    const out = join(folder, "one-out.jsonl");
    const options = ["--images", tiny, "--out", out, "--quiet"];
    expect(await tailrec("embed", "--bundle", bundle, "--items", file, ...options)).toMatchObject({ status: 0 });
    const line = JSON.parse(await readFile(out, "utf8"));
    expect(one).toMatchObject({ id: "k1", nearest: { id: expect.any(String) }, inBundle: false });
    expect(Float32Array.from(one.vector)).toEqual(Float32Array.from(line.vector));
    expect(one.uncertainty).toBeCloseTo(line.uncertainty, 6);
  });

  it("says in words what it is near to, and goes into a file where one is named", async () => {
    const said = await tailrec("embed", "--bundle", bundle, "--title", title);
    expect(said.stdout).toContain("--json prints it, --out keeps it");
    const out = join(folder, "one.npy");
    const kept = await tailrec("embed", "--bundle", bundle, "--title", title, "--out", out);
    expect(kept.stdout).toContain("1 vectors of");
  });

  it.each([
    [["--title", "x", "--items", "y.csv"], 2, "received both"],
    [[], 2, "--items FILE, or one item"],
    [["--items", "y.csv"], 3, "y.csv"],
    [["--title", "x", "--attribute", "brnd=3"], 2, 'did you mean "brand"?'],
    [["--title", "x", "--attribute", "brand"], 2, "expected name=value"],
    [["--title", "x", "--image", "nowhere.png"], 3, "picture nowhere.png does not exist"],
  ])("%j ends with status %i", async (args, status, words) => {
    const outcome = await tailrec("embed", "--bundle", bundle, ...args);
    expect([outcome.status, outcome.stderr]).toEqual([status, expect.stringContaining(words)]);
  });
});

describe("items from standard input", () => {
  it("get the vectors that a file of the same rows gets", async () => {
    const rows = "item_id,title,brand\nn1,Copper tea kettle,Brindle & Co.\nn2,Mug,\n";
    const file = join(folder, "rows.csv");
    await writeFile(file, rows);
    const [a, b] = [join(folder, "a.jsonl"), join(folder, "b.jsonl")];
    await tailrec("embed", "--bundle", bundle, "--items", file, "--out", a);
    const read = await piped(rows, "embed", "--bundle", bundle, "--items", "-", "--format", "csv", "--out", b);
    expect([read.status, read.stderr]).toEqual([0, expect.any(String)]);
    expect(await readFile(b, "utf8")).toBe(await readFile(a, "utf8"));
  });

  it("go to standard output where no file is named, as the lines that a file would hold, words on stderr", async () => {
    const rows = '{"item_id":"n1","title":"Copper tea kettle"}\n{"item_id":"n2","title":"Mug","brand":"Nobody"}\n';
    const [file, out] = [join(folder, "rows.jsonl"), join(folder, "rows-out.jsonl")];
    await writeFile(file, rows);
    await tailrec("embed", "--bundle", bundle, "--items", file, "--out", out);
    const words = ["embed", "--bundle", bundle, "--items", "-", "--format", "jsonl"];
    const read = await piped(rows, ...words);
    expect(read).toMatchObject({ status: 0, stdout: await readFile(out, "utf8") });
    expect(read.stderr).toMatch(/2 vectors of \d+ dimensions in standard output/);
    expect(await piped(rows, ...words, "--quiet")).toEqual({ status: 0, stdout: read.stdout, stderr: "" });
    const { items } = JSON.parse((await piped(rows, ...words, "--json")).stdout);
    const lines = read.stdout.trim().split("\n");
    expect(items).toHaveLength(2);
    expect(Float32Array.from(items[1].vector)).toEqual(Float32Array.from(JSON.parse(lines[1]).vector));
    expect(items[1].caveats).toEqual(JSON.parse(lines[1]).caveats.split("; "));
  });

  it("that are none end with a word on it", async () => {
    const read = await piped(
      "",
      "embed",
      "--bundle",
      bundle,
      "--items",
      "-",
      "--format",
      "csv",
      "--out",
      join(folder, "c.jsonl"),
    );
    expect([read.status, read.stderr]).toEqual([2, expect.stringContaining("/dev/stdin")]);
  });
});
