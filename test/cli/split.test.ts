/** `tailrec split`, and `tailrec evaluate --scores` on what it wrote. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvaluationReport, MetricResult } from "../../src/evaluation/report.ts";
import { digestsOf, tailrec } from "./tailrec.ts";
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
      written.push(await digestsOf(join(folder, name)));
    }
    const names = ["items.tsv", "manifest.json", "test.tsv", "train.tsv"];
    expect(Object.keys(written[0])).toEqual(
      ["cold-items", "warm-tail"].flatMap((kind) => names.map((n) => join(kind, n))),
    );
    expect(written[1]).toEqual(written[0]);
  });

  it("runs a launch where the pipeline asks for one, in every form, and writes its split", async () => {
    const asked = join(folder, "launch.yaml");
    const evaluation =
      "evaluation: { coldItems: null, warmTail: null, models: [popularity, als], resamples: 100, launch: {} }\n";
    await writeFile(asked, `${tinyPipeline(tiny, join(folder, "launched"))}${evaluation}`);
    const { status, stdout } = await tailrec("evaluate", asked, "--quiet");
    expect([status, stdout]).toEqual([0, expect.stringContaining("launched: training support any")]);
    for (const file of [join("launch", "report.md"), "report.html"]) {
      const text = await readFile(join(folder, "launched", file), "utf8");
      for (const said of ["launched items are", "launched-share@10", "n=0"]) expect(text).toContain(said);
    }
    const written = await tailrec("split", asked, "--output", join(folder, "launch"), "--quiet");
    expect(written.stdout).toMatch(/launch: \d+ training and \d+ held-out interactions of \d+ users/);
    expect(Object.keys(await digestsOf(join(folder, "launch")))).toContain(join("launch", "launched.tsv"));
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
    expect(Object.keys(await digestsOf(output))).toContain(join("warm-tail", "users.parquet"));
  });

  it("has the truth of similar items, and measures anybody's lists of them as a pipeline measures its models", async () => {
    const asked = join(folder, "similar.yaml");
    const evaluation =
      "evaluation: { coldItems: null, models: [popularity], compare: { reference: null }, resamples: 100, similarItems: {} }\n";
    await writeFile(asked, tinyPipeline(tiny, join(folder, "similar-out")) + evaluation);
    const ours = await tailrec("evaluate", asked, "--json", "--cache", join(folder, "cache"));
    expect([ours.status, ours.stderr]).toEqual([0, ""]);
    const split = join(folder, "similar");
    await tailrec("split", asked, "--output", split, "--quiet");
    const rowsIn = async (name: string) => {
      const text = await readFile(join(split, "similar-items", name), "utf8");
      return text
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t"));
    };
    const items = await rowsIn("items.tsv");
    const popular = items.flatMap(([query]) => items.map(([item, support]) => `${query},${item},${support}`));
    const known = (await rowsIn("truth.tsv")).map(([query, item, users]) => `${query},${item},${users}`);
    const write = async (name: string, rows: readonly string[]) => {
      await writeFile(join(folder, name), `query,item,score\n${rows.join("\n")}\nnobody,001,1\n`);
      return join(folder, name);
    };
    const lists = [`popular=${await write("popular.csv", popular)}`, `oracle=${await write("oracle.csv", known)}`];
    const { status, stdout, stderr } = await tailrec(
      ...["evaluate", "--split", join(split, "similar-items"), "--json"],
      ...lists.flatMap((list) => ["--scores", list]),
    );
    expect([status, stderr]).toEqual([0, ""]);
    const { reports, files } = JSON.parse(stdout);
    expect(files[1]).toEqual({ name: "oracle", rows: known.length + 1, unknownUsers: 1, unknownItems: 0 });
    const of = (results: readonly MetricResult[], model: string) =>
      results
        .filter((result) => result.model === model && /^(ndcg|recall|mrr)/.test(result.metric))
        .map(({ slice, candidates, metric, value, n }) => ({ slice, candidates, metric, value, n }));
    const protocol = JSON.parse(ours.stdout).reports.find(
      (report: EvaluationReport) => report.protocol.kind === "similar-items",
    );
    expect(of(reports[0].results, "popular").length).toBeGreaterThan(10);
    expect(of(reports[0].results, "popular")).toEqual(of(protocol.results, "popularity"));
    expect(of(reports[0].results, "oracle").filter(({ metric, value }) => metric === "ndcg@10" && value !== 1)).toEqual(
      [],
    );
  });

  it("evaluate takes a pipeline or lists, not both and not neither", async () => {
    for (const args of [[], [pipeline, "--scores", "x.csv"], ["--scores", "x.csv"]]) {
      const { status, stderr } = await tailrec("evaluate", ...args);
      expect(status).toBe(2);
      expect(stderr).toMatch(/expected either a pipeline file, or --split/);
    }
  });
});
