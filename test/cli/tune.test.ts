/** `tailrec tune` on the tiny shop, killed and taken up again. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPipeline } from "../../src/config.ts";
import type { TrialRecord } from "../../src/experiment/tuning/trial-log.ts";
import { tailrec } from "./tailrec.ts";
import { tiny, tinyPipeline } from "./tiny-pipeline.ts";

interface Tuned {
  readonly pipeline: string;
  readonly trialsFile: string;
  readonly records: readonly TrialRecord[];
  readonly chosen: TrialRecord;
}

let folder: string;
let pipeline: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-tune-"));
  pipeline = join(folder, "tiny.yaml");
  const text = tinyPipeline(tiny, join(folder, "out")).replace("  text: {}\n  image: {}\n", "");
  await writeFile(pipeline, `# A comment that stays.\n${text}`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const tune = (...args: readonly string[]) =>
  tailrec("tune", pipeline, "--search", "random", "--budget", "4", "--cache", join(folder, "cache"), ...args);

const withoutTimes = (records: readonly TrialRecord[]) => records.map(({ seconds: _, ...record }) => record);

describe("tune", () => {
  it("tries, keeps every trial, and writes a pipeline that is the old one but for the chosen values", async () => {
    const { status, stderr, stdout } = await tune("--json");
    expect([status, stderr]).toEqual([0, ""]);
    const tuned = JSON.parse(stdout) as Tuned;
    expect(tuned.records.map(({ trial }) => trial)).toEqual([0, 1, 2, 3]);
    expect(tuned.pipeline).toBe(join(folder, "tiny.tuned.yaml"));
    expect(await readFile(tuned.pipeline, "utf8")).toContain("# A comment that stays.");
    const [before, after] = [(await loadPipeline(pipeline)).config, (await loadPipeline(tuned.pipeline)).config];
    const values = Object.entries(tuned.chosen.values);
    for (const [path, value] of values) expect(at(after, path)).toBe(value);
    for (const path of Object.keys(tuned.records[3].values)) {
      if (!(path in tuned.chosen.values)) expect(at(after, path)).toEqual(at(before, path));
    }
  });

  it("goes on after its last whole line, to the same end, in words too", async () => {
    const trials = join(folder, "out", "tune", "trials.jsonl");
    const [whole, pipelineText] = [
      await readFile(trials, "utf8"),
      await readFile(join(folder, "tiny.tuned.yaml"), "utf8"),
    ];
    const lines = whole.split("\n");
    await writeFile(trials, `${lines.slice(0, 3).join("\n")}\n${lines[3].slice(0, 20)}`);
    const { status, stdout } = await tune("--quiet");
    expect(status).toBe(0);
    const records = (text: string) =>
      text
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => JSON.parse(line) as TrialRecord);
    const again = await readFile(trials, "utf8");
    expect(withoutTimes(records(again))).toEqual(withoutTimes(records(whole)));
    expect(again.split("\n").slice(0, 3)).toEqual(lines.slice(0, 3));
    expect(await readFile(join(folder, "tiny.tuned.yaml"), "utf8")).toBe(pipelineText);
    for (const said of ["the pipeline as written", "Chosen on validation", "Next: tailrec evaluate"]) {
      expect(stdout).toContain(said);
    }
  });

  it("refuses to mix two searches, budgets that are none, and a copy in another folder", async () => {
    const other = await tune("--seed", "9", "--quiet");
    expect(other.status).toBe(2);
    expect(other.stderr).toContain("it is of another search");
    expect((await tune("--budget", "1")).stderr).toContain("the pipeline as written is the first");
    expect((await tune("--out", join(folder, "out", "t.yaml"))).stderr).toContain("where its relative paths start");
  });
});

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((place, key) => (place as Record<string, unknown>)[key], value);
}
