/** Pairs that an engine has merged: the bundle is that of one machine, and the report is the engine's. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPipeline, type Pipeline } from "../../../src/config.ts";
import { fillParquetFile } from "../../../src/data/files/parquet-file.ts";
import { ingest } from "../../../src/data/ingest/ingest.ts";
import { encodeShard } from "../../../src/experiment/inputs/shards.ts";
import { runPipeline } from "../../../src/experiment/pipeline.ts";
import { digestsOf } from "../../cli/tailrec.ts";
import { tiny, tinyPipeline } from "../../cli/tiny-pipeline.ts";

let folder: string;
let pipeline: Pipeline;
let stageFolder: string;

const report = {
  source: "s3a://shop/events",
  rows: 63,
  rejected: { "unknown item": 2, "missing user id": 1 },
  ignoredEvents: 0,
  belowMinimum: 0,
  merged: 7,
  withoutTime: 0,
  weightUnit: 1,
  timeForm: "dates",
  decay: null,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pairs-"));
  const text = `${tinyPipeline(tiny, join(folder, "out"))}execution: { engine: spark }\n`;
  await writeFile(join(folder, "tiny.yaml"), text);
  pipeline = await loadPipeline(join(folder, "tiny.yaml"));
  stageFolder = join(folder, "stages");
  await encodeShard(pipeline.config, { number: 1, of: 1 }, { folder: pipeline.folder, stageFolder });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (name: string, stages?: string) =>
  runPipeline(
    { ...pipeline.config, output: join(folder, name) },
    { folder: pipeline.folder, stageFolder: stages, evaluate: false },
  );

/** The pairs of one machine, in two files and beside what Spark leaves in a folder. */
async function writePairs(): Promise<void> {
  const {
    interactions,
    userIds,
    catalog,
    report: read,
  } = await ingest(pipeline.config.data, { folder: pipeline.folder });
  const { indptr, indices, values, times } = interactions;
  const rows = userIds.flatMap((user, u) =>
    Array.from({ length: indptr[u + 1] - indptr[u] }, (_, i) => ({ user, p: indptr[u] + i })),
  );
  await mkdir(join(stageFolder, "pairs"), { recursive: true });
  const half = Math.floor(rows.length / 2);
  for (const [name, some] of [
    ["part-00000", rows.slice(0, half)] as const,
    ["part-00001", rows.slice(half)] as const,
  ]) {
    const columns = [
      { name: "user", type: "text" as const },
      { name: "item", type: "text" as const },
      { name: "weight", type: "double" as const },
      { name: "time", type: "double" as const },
    ];
    const cells = [
      (row: number) => some[row].user,
      (row: number) => catalog.ids[indices[some[row].p]],
      (row: number) => values[some[row].p],
      (row: number) => times?.[some[row].p] ?? null,
    ];
    await fillParquetFile(join(stageFolder, "pairs", `${name}.snappy.parquet`), columns, [
      { rows: some.length, cells },
    ]);
  }
  await writeFile(join(stageFolder, "pairs", "_SUCCESS"), "");
  const { merged = 0, weightUnit = 1 } = read.interactions ?? {};
  await writeFile(join(stageFolder, "pairs.json"), JSON.stringify({ ...report, merged, weightUnit }));
}

describe("merged pairs", () => {
  it("are asked for by what makes them, where they are not there", async () => {
    await expect(run("early", stageFolder)).rejects.toMatchObject({
      code: "SHARDS_MISSING",
      message: expect.stringContaining("python -m tailrec_spark"),
    });
  });

  it("give the bundle of one machine, with the counts of the engine", async () => {
    await writePairs();
    const result = await run("pairs", stageFolder);
    await run("whole");
    const [pairs, whole] = [join(folder, "pairs", "bundle"), join(folder, "whole", "bundle")];
    const [mine, theirs] = [await digestsOf(pairs), await digestsOf(whole)];
    for (const [name, digest] of Object.entries(theirs)) expect(mine[name], name).toBe(digest);
    expect(result.ingestReport.interactions).toMatchObject({ file: report.source, rows: 63, rejected: 3 });
    expect(result.ingestReport.summary).toEqual([
      { reason: "unknown item", count: 2, samples: [] },
      { reason: "missing user id", count: 1, samples: [] },
    ]);
  });

  it("stop the run where too many rows were rejected", async () => {
    const many = { ...report, rejected: { "unknown item": 60 } };
    await writeFile(join(stageFolder, "pairs.json"), JSON.stringify(many));
    await expect(run("many", stageFolder)).rejects.toMatchObject({
      code: "TOO_MANY_REJECTS",
      message: expect.stringContaining("60 of 63 rows rejected"),
    });
  });

  it("are refused with a report that is none", async () => {
    for (const text of ["", "{", "{}", '{"rows": "63"}']) {
      await writeFile(join(stageFolder, "pairs.json"), text);
      await expect(run("none", stageFolder), text).rejects.toMatchObject({ code: "UNREADABLE_INPUT" });
    }
  });
});
