/** A run in shards writes the bundle of a run in one process, whichever shard is done how often and in what order. */
import { appendFile, cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPipeline, type Pipeline } from "../../../src/config.ts";
import { readEncodedParts, writeEncodedPart } from "../../../src/execution/encoded-parts.ts";
import type { EncodedRow } from "../../../src/execution/encoded-rows.ts";
import { parseShard, shardOf } from "../../../src/execution/shard.ts";
import { encodedStage, encodeShard } from "../../../src/experiment/inputs/shards.ts";
import { runPipeline } from "../../../src/experiment/pipeline.ts";
import { zeros } from "../../../src/math/matrix.ts";
import { digestsOf, tailrec } from "../../cli/tailrec.ts";
import { tiny, tinyPipeline } from "../../cli/tiny-pipeline.ts";

let folder: string;
let pipeline: Pipeline;
let stageFolder: string;

const SHARDS = 3;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shards-"));
  await cp(tiny, join(folder, "tiny"), { recursive: true });
  // A picture that is not there: what failed is handed on too.
  const items = join(folder, "tiny", "items.jsonl");
  await writeFile(items, (await readFile(items, "utf8")).replace("images/002.webp", "images/none.webp"));
  const text = `${tinyPipeline(join(folder, "tiny"), join(folder, "out"))}execution: { engine: jobs, shards: ${SHARDS} }\n`;
  await writeFile(join(folder, "tiny.yaml"), text);
  pipeline = await loadPipeline(join(folder, "tiny.yaml"));
  stageFolder = join(folder, "stages");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const context = () => ({ folder: pipeline.folder, stageFolder });
const encode = (number: number) => encodeShard(pipeline.config, { number, of: SHARDS }, context());
const run = (name: string, stages?: string) =>
  runPipeline(
    { ...pipeline.config, output: join(folder, name) },
    { folder: pipeline.folder, stageFolder: stages, evaluate: false },
  );

describe("shards", () => {
  it("deal every id to one of them, whatever else there is", () => {
    const ids = Array.from({ length: 3000 }, (_, i) => `item ${i}`);
    const counts = new Array<number>(7).fill(0);
    for (const id of ids) counts[shardOf(id, 7) - 1]++;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3000);
    for (const count of counts) expect(Math.abs(count - 3000 / 7)).toBeLessThan(100);
  });

  it.each(["0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1.5/3"])("do not go by %s", (text) => {
    expect(() => parseShard(text)).toThrow(/expected a part such as 3\/20/);
  });
});

describe("a run in shards", () => {
  it("says which shards are missing before they are there", async () => {
    await encode(2);
    await expect(run("early", stageFolder)).rejects.toMatchObject({
      code: "SHARDS_MISSING",
      message: expect.stringMatching(/items are not encoded in .*--shard 1\/3, 3\/3$/),
    });
    expect(await readdir(join(folder, "early"))).toEqual([]);
  });

  it("does a shard once, and again where its part was damaged or an item has changed", async () => {
    const [first, again] = [await encode(1), await encode(1)];
    expect([first.wasThere, again.wasThere]).toEqual([false, true]);
    const bytes = await readFile(first.file);
    await truncate(first.file, 100);
    expect((await encode(1)).wasThere).toBe(false);
    expect((await readFile(first.file)).equals(bytes)).toBe(true);
  });

  it("does a shard again where a row of its part is no whole one, as the rest of the run would not take it", async () => {
    const { file } = await encode(1);
    const bytes = await readFile(file);
    const { blocks } = await encodedStage(pipeline.config, stageFolder, context());
    const [rows] = (await Readable.from(readEncodedParts(file, blocks)).toArray()) as EncodedRow[][];
    const vectors = Object.fromEntries(
      blocks.map(({ name, dimension }) => [name, zeros(1, dimension).values.fill(Number.NaN)]),
    );
    await writeEncodedPart(file, blocks, Readable.from([[{ ...rows[0], vectors }, ...rows.slice(1)]]));
    expect((await encode(1)).wasThere).toBe(false);
    expect((await readFile(file)).equals(bytes)).toBe(true);
    await writeEncodedPart(file, blocks.slice(1), Readable.from([rows]));
    expect((await encode(1)).wasThere).toBe(false);
    expect((await readFile(file)).equals(bytes)).toBe(true);
  });

  it("writes the bundle that a run in one process writes, byte for byte", async () => {
    await encode(3);
    await run("parts", stageFolder);
    await run("whole");
    const [parts, whole] = [await digestsOf(join(folder, "parts")), await digestsOf(join(folder, "whole"))];
    expect(parts).toEqual(whole);
    expect(await readFile(join(folder, "parts", "rejects.jsonl"), "utf8")).toContain("none.webp");
  });

  it("does not take a vector for an item that reads otherwise today", async () => {
    await appendFile(join(folder, "tiny", "items.jsonl"), '{"item_id": "new", "title": "A new mug"}\n');
    const number = shardOf("new", SHARDS);
    await expect(run("changed", stageFolder)).rejects.toMatchObject({
      code: "SHARDS_MISSING",
      message: expect.stringContaining(`--shard ${number}/${SHARDS}`),
    });
    expect((await encode(number)).wasThere).toBe(false);
    const result = await run("changed", stageFolder);
    expect(result.ingestReport.items.rows).toBe(13);
  });
});

describe("tailrec run --stage", () => {
  it("goes through shards to the rest, and refuses what makes no sense", async () => {
    const path = join(folder, "tiny.yaml");
    const shard = await tailrec("run", path, "--stage", "encode", "--shard", "2/3", "--cache", join(folder, "cache"));
    expect(shard.status).toBe(0);
    expect(shard.stdout).toMatch(/^\d+ items encoded in /);
    const early = await tailrec("run", path, "--stage", "rest", "--no-evaluate");
    expect([early.status, early.stderr]).toEqual([3, expect.stringContaining("SHARDS_MISSING")]);
    const refused: readonly (readonly string[])[] = [
      [],
      ["--stage", "encode"],
      ["--stage", "rest", "--shard", "1/3"],
      ["--stage", "encode", "--shard", "1/4"],
      ["--engine", "local", "--stage", "rest"],
      ["--engine", "spark"],
      ["--stage", "encode", "--shard", "1/3", "--rank-by-engine"],
    ];
    for (const words of refused) {
      const { status, stderr } = await tailrec("run", path, ...words);
      expect([status, stderr], words.join(" ")).toEqual([2, expect.stringContaining("INVALID_ARGUMENT")]);
    }
  });
});
