/** Factors from elsewhere: a bundle around them is that of one's own ALS, and what does not fit is named or counted. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fitAls } from "../../../src/als/als.ts";
import { alsOfFactors } from "../../../src/als/given-factors.ts";
import { loadBundle } from "../../../src/bundle/bundle.ts";
import { loadPipeline, type PipelineConfig } from "../../../src/config.ts";
import { fillParquetFile, vectorCell } from "../../../src/data/files/parquet-file.ts";
import { writeVectors } from "../../../src/data/files/vector-files.ts";
import { type Ingested, ingest } from "../../../src/data/ingest/ingest.ts";
import { aroundFactors, fitFactors, readFactors } from "../../../src/experiment/inputs/given-factors.ts";
import { runPipeline } from "../../../src/experiment/pipeline.ts";
import { type Matrix, rowOf, takeRows } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { tiny, tinyPipeline } from "../../cli/tiny-pipeline.ts";
import { dot, largestDifference } from "../../helpers/comparisons.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

let folder: string;
let config: PipelineConfig;
let ingested: Ingested;
let own: Awaited<ReturnType<typeof fitAls>>;

const at = (name: string) => join(folder, name);
const options = () => config.collaborative;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "factors-"));
  await writeFile(at("tiny.yaml"), tinyPipeline(tiny, at("out")));
  ({ config } = await loadPipeline(at("tiny.yaml")));
  ingested = await ingest(config.data, { folder });
  own = await fitAls(ingested.interactions, options());
  await writeVectors(at("items.parquet"), { ids: ingested.catalog.ids, vectors: own.itemFactors });
  await writeVectors(at("users.parquet"), { ids: ingested.userIds, vectors: own.userFactors });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (factors: PipelineConfig["collaborative"]["factors"], name: string) =>
  runPipeline(
    { ...config, collaborative: { ...config.collaborative, factors }, output: at(name) },
    { folder, evaluate: false },
  );

/** All scores of a model, which no rotation changes. */
function scoresOf({ userFactors, itemFactors }: { readonly userFactors: Matrix; readonly itemFactors: Matrix }) {
  return Array.from({ length: userFactors.rows }, (_, user) =>
    Array.from({ length: itemFactors.rows }, (_, item) => dot(rowOf(userFactors, user), rowOf(itemFactors, item))),
  ).flat();
}

const all = (factors: Matrix) => ({ factors, isGiven: new Uint8Array(factors.rows).fill(1) });

describe("a model of given factors", () => {
  it("has the scores of the fit that they come from, whatever their coordinates, and a diagonal Gram", async () => {
    const {
      userFactors: users,
      itemFactors: items,
      gram,
    } = await alsOfFactors(
      ingested.interactions,
      { users: all(own.userFactors), items: all(own.itemFactors) },
      options(),
    );
    expect(largestDifference(scoresOf({ userFactors: users, itemFactors: items }), scoresOf(own))).toBeLessThan(1e-5);
    const off = gram.values.filter((_, p) => p % (gram.columns + 1) !== 0);
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-4 * gram.values[0]);
  });

  it("solves an item without a vector from its interactions, as the fit did", async () => {
    const items = all(own.itemFactors);
    const lacking = {
      factors: { ...items.factors, values: items.factors.values.slice() },
      isGiven: items.isGiven.slice(),
    };
    lacking.factors.values.fill(0, 0, own.itemFactors.columns);
    lacking.isGiven[0] = 0;
    const model = await alsOfFactors(ingested.interactions, { users: all(own.userFactors), items: lacking }, options());
    expect(largestDifference(scoresOf(model), scoresOf(own))).toBeLessThan(1e-4);
  });

  it("solves all users where none are given", async () => {
    const { userFactors } = await alsOfFactors(ingested.interactions, { items: all(own.itemFactors) }, options());
    expect(userFactors.rows).toBe(ingested.userIds.length);
    expect(userFactors.values.every(Number.isFinite)).toBe(true);
  });
});

/** Factors as Spark MLlib saves them: a row's number as its id, dealt to two files beside marks and checksums. */
async function writeSide(side: string, factors: Matrix): Promise<void> {
  await mkdir(at(side), { recursive: true });
  await writeFile(at(`${side}/_SUCCESS`), "");
  const columns = [
    { name: "id", type: "integer" as const },
    { name: "features", type: "vector" as const },
  ];
  for (const part of [0, 1]) {
    const numbers = Array.from({ length: factors.rows }, (_, row) => row).filter((row) => row % 2 === part);
    const cells = [(i: number) => numbers[i], (i: number) => vectorCell(rowOf(factors, numbers[i]))];
    const name = `part-0000${part}-5f3c-c000.snappy.parquet`;
    await fillParquetFile(at(`${side}/${name}`), columns, [{ rows: numbers.length, cells }]);
    await writeFile(at(`${side}/.${name}.crc`), "crc");
  }
}

describe("a saved ALSModel of Spark MLlib", () => {
  beforeAll(async () => {
    await writeSide("model/itemFactors", own.itemFactors);
    await writeSide("model/userFactors", own.userFactors);
    await mkdir(at("model/metadata"));
    await writeFile(at("model/metadata/part-00000"), '{"class":"org.apache.spark.ml.recommendation.ALSModel"}\n');
  });

  const numbered = (ids: readonly string[]) => ids.map((_, row) => String(row));
  const tables = (items: string, users: string | null) => readFactors({ items, users }, folder);

  it("is taken as it lies where ids are its numbers", async () => {
    const { catalog, userIds } = ingested;
    const shop = { ...ingested, catalog: { ...catalog, ids: numbered(catalog.ids) }, userIds: numbered(userIds) };
    const { als, report } = await fitFactors(await tables("model", "model"), shop, options(), {});
    expect(report).toEqual({
      rank: 8,
      items: { used: 12, unknown: 0, solved: 0, cold: 0 },
      users: { used: 8, unknown: 0, solved: 0 },
    });
    expect(largestDifference(scoresOf(als), scoresOf(own))).toBeLessThan(1e-5);
  });

  it("may be named by its sides", async () => {
    expect(await tables("model/itemFactors", "model/userFactors")).toMatchObject({
      items: { vectors: { rows: 12 } },
      users: { vectors: { rows: 8 } },
    });
    expect(await tables("model", null)).not.toHaveProperty("users");
  });

  it("says that numbers have to be joined to ids", async () => {
    await expect(run({ items: "model", users: "model" }, "unjoined")).rejects.toMatchObject({
      code: "NOT_ENOUGH_DATA",
      message: expect.stringMatching(/ids such as "0", the catalog has .* ALSModel/),
    });
  });
});

describe("factors under wrong ids", () => {
  it("are told by how little they follow the interactions, for each side", async () => {
    const { config: shop, folder: root } = await loadPipeline(
      join(import.meta.dirname, "../../../pipelines/shop.yaml"),
    );
    const data = await ingest(shop.data, { folder: root });
    const collaborative = { ...shop.collaborative, rank: 16 };
    const als = await fitAls(data.interactions, collaborative);
    const tables = (items: readonly string[]) => ({
      items: { path: "items", ids: items, vectors: als.itemFactors },
      users: { path: "users", ids: data.userIds, vectors: als.userFactors },
    });
    const agreementOf = async (ids: readonly string[]) => {
      const { items, users } = (await fitFactors(tables(ids), data, collaborative, {})).report;
      return [items.agreement, users?.agreement];
    };
    const { ids } = data.catalog;
    for (const value of await agreementOf(ids)) expect(value).toBeGreaterThan(0.8);
    for (const value of await agreementOf(ids.toReversed())) expect(value).toBeLessThan(0.6);
  });
});

describe("collaborative.factors", () => {
  it("gives the vectors of a run whose own ALS they come from, near the given ones", async () => {
    const embeddings = { ...config.embeddings, rounds: 0, alsUnobservedWeight: 1, alsRankTimes: 1 };
    const still = { ...config, embeddings, output: at("own") };
    await runPipeline(still, { folder, evaluate: false });
    const result = await run({ items: "items.parquet", users: "users.parquet" }, "given");
    const [mine, theirs] = [await loadBundle(at("own/bundle")), await loadBundle(at("given/bundle"))];
    const scores = ({ model }: typeof mine) =>
      scoresOf({ userFactors: model.userVectors, itemFactors: model.embeddings.vectors });
    expect(largestDifference(scores(mine), scores(theirs))).toBeLessThan(1e-3);
    expect(result.factors).toEqual({
      rank: 8,
      items: { used: 12, unknown: 0, solved: 0, cold: 0 },
      users: { used: 8, unknown: 0, solved: 0 },
    });
  });

  it("lets nothing move the given vectors: neither rounds nor another ALS", () => {
    const tables = { items: { path: "items", ids: ingested.catalog.ids, vectors: own.itemFactors } };
    const open = {
      ...config,
      embeddings: { ...config.embeddings, rounds: "auto", alsUnobservedWeight: "auto", alsRankTimes: "auto" },
    } as const;
    expect(aroundFactors(open, tables).embeddings).toMatchObject({
      rounds: 0,
      alsUnobservedWeight: 1,
      alsRankTimes: 1,
    });
    expect(aroundFactors(open, undefined).embeddings).toEqual(open.embeddings);
  });

  it("counts vectors of nobody, solves items without one, and leaves those without anything cold", async () => {
    const { ids } = ingested.catalog;
    const kept = ids.flatMap((id, row) => (["001", "P-11"].includes(id) ? [] : [row]));
    await writeVectors(at("some.parquet"), {
      ids: [...kept.map((row) => ids[row]), "of another shop"],
      vectors: takeRows(own.itemFactors, [...kept, 0]),
    });
    const { factors } = await run({ items: "some.parquet", users: null }, "some");
    expect(factors).toEqual({ rank: 8, items: { used: 10, unknown: 1, solved: 1, cold: 1 } });
    const { model } = await loadBundle(at("some/bundle"));
    expect(model.embeddings.source[ids.indexOf("P-11")]).toBe("content");
    expect(model.embeddings.source[ids.indexOf("001")]).not.toBe("content");
  });

  it("refuses factors that do not fit, by file and id", async () => {
    const random = createRandom(3);
    const write = (name: string, ids: readonly string[], k: number) =>
      writeVectors(at(name), { ids, vectors: randomMatrix(random, ids.length, k) });
    await write("short.parquet", ingested.userIds, 5);
    await write("twice.parquet", ["001", "001"], 8);
    await write("strange.parquet", ["x", "y"], 8);
    await writeFile(at("text.parquet"), "id,vector\n");
    const cases: readonly (readonly [string, string | null, string, RegExp])[] = [
      ["items.parquet", "short.parquet", "UNREADABLE_INPUT", /one length, received 8 numbers in .*and 5 in/],
      ["twice.parquet", null, "UNREADABLE_INPUT", /row 2 \("001"\): an id that stood there before/],
      ["strange.parquet", null, "NOT_ENOUGH_DATA", /no vector is of an item of the catalog/],
      ["none.parquet", null, "FILE_NOT_FOUND", /does not exist/],
      ["text.parquet", null, "UNREADABLE_INPUT", /expected a Parquet file/],
    ];
    for (const [items, users, code, message] of cases) {
      await expect(run({ items, users }, "refused"), items).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    }
  });
});
