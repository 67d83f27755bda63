/** `tailrec split`, and `tailrec evaluate --scores` on what it wrote. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentsOf, tailrec } from "./tailrec.ts";
import { tiny, tinyPipeline } from "./tiny-pipeline.ts";

let folder: string;
let pipeline: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-split-"));
  pipeline = join(folder, "tiny.yaml");
  await writeFile(pipeline, tinyPipeline(tiny, join(folder, "out")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("split", () => {
  it("writes each protocol's split, the same bytes for the same seed", async () => {
    const written = [];
    for (const name of ["one", "two"]) {
      const { status, stderr, stdout } = await tailrec("split", pipeline, "--output", join(folder, name), "--quiet");
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/warm-tail: \d+ training and \d+ held-out interactions of \d+ users/);
      written.push(await contentsOf(join(folder, name)));
    }
    const names = ["items.tsv", "manifest.json", "test.tsv", "train.tsv"];
    expect(Object.keys(written[0])).toEqual(
      ["cold-items", "warm-tail"].flatMap((kind) => names.map((n) => join(kind, n))),
    );
    expect(written[1]).toEqual(written[0]);
  });

  it("is measured by anybody's lists: who lists the held-out items first has everything", async () => {
    const split = join(folder, "measured");
    await tailrec("split", pipeline, "--output", split, "--quiet");
    const test = await readFile(join(split, "warm-tail", "test.tsv"), "utf8");
    const pairs = test
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t").slice(0, 2));
    const known = join(folder, "known.csv");
    await writeFile(known, `user,item,rank\n${pairs.map(([user, item]) => `${user},${item},1`).join("\n")}\n`);
    const output = join(folder, "lists");
    const asked = ["evaluate", "--split", join(split, "warm-tail"), "--scores", `oracle=${known}`, "--output", output];
    const { status, stdout } = await tailrec(...asked, "--json");
    expect(status).toBe(0);
    const { reports, files } = JSON.parse(stdout);
    expect(files).toEqual([{ name: "oracle", rows: pairs.length, unknownUsers: 0, unknownItems: 0 }]);
    expect(reports[0].results[0]).toMatchObject({ model: "oracle", slice: "all", metric: "ndcg@10", value: 1 });
    expect(Object.keys(await contentsOf(output))).toContain(join("warm-tail", "users.parquet"));
  });

  it("evaluate takes a pipeline or lists, not both and not neither", async () => {
    for (const args of [[], [pipeline, "--scores", "x.csv"], ["--scores", "x.csv"]]) {
      const { status, stderr } = await tailrec("evaluate", ...args);
      expect(status).toBe(2);
      expect(stderr).toMatch(/expected either a pipeline file, or --split/);
    }
  });
});
