/** The report and its gates through the command, on the tiny shop. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportDocument } from "../../src/report/html/report-document.ts";
import { digestsOf, type Outcome, tailrec } from "../cli/tailrec.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";

let folder: string;
let output: string;
let pipeline: string;
let outcome: Outcome;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-report-"));
  output = join(folder, "out");
  pipeline = await pipelineWith("tiny", tiny, "");
  outcome = await evaluate(pipeline);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("evaluate", () => {
  it("writes the page beside the figures, and says where it is and what the leak checks found", async () => {
    expect([outcome.status, outcome.stderr]).toEqual([0, ""]);
    expect(outcome.stdout).toContain("report.html");
    expect(outcome.stdout).toMatch(/^clean: .*same-user, hidden-vocabulary/m);
    expect(outcome.stdout).toContain('neighbours across "kettles and backpacks": als ');
    expect(await text("report.html")).toContain("tailrec evaluate");
    expect(await text("warm-tail", "report.md")).toContain("- future-interactions: clean; 0 of ");
  });

  it("keeps in report.json what the page shows beside figures", async () => {
    const document = JSON.parse(await text("report.json")) as ReportDocument;
    expect(document).toMatchObject({
      dataset: "tiny",
      protocols: ["warm-tail"],
      fitted: "the training side of warm-tail",
      data: { items: 12 },
      provenance: { seeds: { als: 1, bootstrap: 1, "warm-tail": 1, map: 1 }, settings: { rank: 8 } },
    });
    expect(document.provenance.command).toBe(`tailrec evaluate ${pipeline} --quiet --cache ${join(folder, "cache")}`);
    expect(document.map?.items).toHaveLength(12);
    expect(document.lists.length).toBeGreaterThan(0);
    expect(Object.keys(document.pictures).length).toBeGreaterThan(0);
    expect(document.boundaries.map(({ vectors }) => vectors)).toEqual(["als", "content", "hybrid"]);
  });
});

describe("report", () => {
  it("makes the same page again from what was saved, without the data", async () => {
    const again = join(folder, "again.html");
    const { status } = await tailrec("report", output, "--out", again);
    expect(status).toBe(0);
    expect(await readFile(again, "utf8")).toBe(await text("report.html"));
  });

  it("shows figures alone where only they were saved", async () => {
    const bare = join(folder, "bare");
    await tailrec("report", output, "--out", join(bare, "unused.html"));
    await writeNested(join(bare, "warm-tail"), "metrics.json", await text("warm-tail", "metrics.json"));
    const { status, stdout } = await tailrec("report", bare, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ protocols: ["warm-tail"] });
    expect(await readFile(join(bare, "report.html"), "utf8")).not.toContain('<section id="map"');
  });

  it("ends with 3 where there is nothing, and with 2 for a file of something else", async () => {
    const none = await tailrec("report", join(folder, "none"));
    expect([none.status, none.stderr]).toEqual([3, expect.stringContaining("FILE_NOT_FOUND")]);
    const other = join(folder, "other");
    await writeNested(other, "report.json", '{"format": "tailrec-report", "formatVersion": 99}');
    const foreign = await tailrec("report", other);
    expect([foreign.status, foreign.stderr]).toEqual([2, expect.stringContaining("formatVersion")]);
  });
});

describe("what the report is asked for", () => {
  it("is checked before any long work: items and attributes that the catalog lacks", async () => {
    const unknown = await pipelineWith("unknown", tiny, '  report: { items: ["0O1"] }\n');
    const { status, stderr } = await evaluate(unknown);
    expect([status, stderr]).toEqual([2, expect.stringContaining('no item has the id "0O1"; did you mean "001"?')]);
  });
});

describe("the gates", () => {
  it("one user under two ids stops the run before anything is fitted, and earlier output stays", async () => {
    const before = await digestsOf(output);
    const path = await doubledPipeline("");
    const { status, stderr } = await evaluate(path);
    expect(status).toBe(2);
    expect(stderr).toMatch(/LEAK_FOUND: .*same-user: .*allowLeaks: \[same-user\]/);
    expect(await digestsOf(output)).toEqual(before);
  });

  it("a leak allowed by name is measured and reported as such", async () => {
    const path = await doubledPipeline("  allowLeaks: [same-user]\n");
    const elsewhere = join(folder, "allowed");
    const { status, stdout } = await evaluate(path, "--output", elsewhere);
    expect(status).toBe(0);
    expect(stdout).toContain("allowed: same-user: ");
    expect(await readFile(join(elsewhere, "warm-tail", "report.md"), "utf8")).toContain("- same-user: allowed; ");
    expect(await readFile(join(elsewhere, "report.html"), "utf8")).toContain("leak, allowed");
  });

  it("copies of warm-up items are looked for, where training starts without any of their interactions", async () => {
    const items = await readFile(join(tiny, "items.jsonl"), "utf8");
    const texts = /"title":"[^"]*","description":"[^"]*"/g;
    const copied = items
      .replaceAll(/"image": ?"[^"]*"/g, '"image": null')
      .replaceAll(texts, '"title":"A tea mug of stoneware","description":""');
    const data = join(folder, "copied");
    await writeNested(data, "items.jsonl", copied);
    await writeNested(data, "events.csv", await readFile(join(tiny, "events.csv"), "utf8"));
    const levels = (reveal: string) =>
      `  warmTail: null\n  warmUp: { reveal: ${reveal}, targets: 2, minimumItems: 2, models: [als] }\n`;
    const { status, stderr } = await evaluate(await pipelineWith("copied", data, levels("[0, 1]")));
    expect([status, stderr]).toEqual([2, expect.stringMatching(/LEAK_FOUND: .*near-duplicate-text/)]);
    const warm = await evaluate(await pipelineWith("warm", data, levels("[1, 2]")));
    expect([warm.status, warm.stderr]).toEqual([0, ""]);
  });

  it("neighbours across a boundary with a maximum stop the run", async () => {
    const path = await pipelineWith("crossed", tiny, "", ", maximum: 0");
    const { status, stderr } = await evaluate(path);
    expect(status).toBe(2);
    expect(stderr).toMatch(/BOUNDARY_CROSSED: "kettles and backpacks": \d+\.\d % of the nearest neighbours lie across/);
  });
});

/** With a cache of its own, so that only the first evaluation encodes. */
function evaluate(path: string, ...words: readonly string[]): Promise<Outcome> {
  return tailrec("evaluate", path, "--quiet", "--cache", join(folder, "cache"), ...words);
}

function text(...path: readonly string[]): Promise<string> {
  return readFile(join(output, ...path), "utf8");
}

/** Only the warm-tail protocol of two models and a boundary; every setting given instead of chosen: other tests choose. */
async function pipelineWith(name: string, data: string, evaluation: string, boundary = ""): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  const sides = "{ kettles: [kettle], backpacks: [backpack] }";
  const extra = `embeddings:
  { rounds: 1, priorStrength: 1, channel: { weight: 0.4 }, userNormExponent: 0, recencyDecay: 0, lift: 0, contentLift: 0, tail: 0.4 }
evaluation:
  coldItems: null
  models: [als, hybrid]
  resamples: 100
  boundaries: [{ name: kettles and backpacks, attribute: category, sides: ${sides}${boundary} }]
${evaluation}`;
  // Copies of the data name no pictures.
  const text = tinyPipeline(data, output);
  await writeFile(path, (data === tiny ? text : text.replace("image: {}", "image: null")) + extra);
  return path;
}

/** The tiny shop with its first user's events once more under the id in other letters. */
async function doubledPipeline(evaluation: string): Promise<string> {
  const data = join(folder, "doubled");
  const [header, ...lines] = (await readFile(join(tiny, "events.csv"), "utf8")).trimEnd().split("\n");
  const [user] = lines[0].split(",");
  const doubled = lines
    .filter((line) => line.startsWith(`${user},`))
    .map((line) => line.replace(user, ` ${user.toUpperCase()}-`));
  await writeNested(data, "events.csv", [header, ...lines, ...doubled, ""].join("\n"));
  const items = await readFile(join(tiny, "items.jsonl"), "utf8");
  await writeNested(
    data,
    "items.jsonl",
    items.replaceAll(/"image": ?"[^"]*",? ?/g, '"image": null, ').replaceAll(", }", "}"),
  );
  return pipelineWith(evaluation === "" ? "doubled" : "allowed", data, evaluation);
}

async function writeNested(at: string, name: string, content: string): Promise<void> {
  await mkdir(at, { recursive: true });
  await writeFile(join(at, name), content);
}
