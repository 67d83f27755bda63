import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTogether } from "../../../src/data/files/atomic-write.ts";
import { splitWarmTail } from "../../../src/data/splits/split.ts";
import { measureSplit } from "../../../src/evaluation/evaluate.ts";
import { summariseSplits } from "../../../src/evaluation/summary/pooled-report.ts";
import { detailFiles, rankMetricsOf } from "../../../src/experiment/results/detail-files.ts";
import { zeros } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { makeWorld } from "../../helpers/world.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "details-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("values behind the figures", () => {
  it("users.parquet averages to every figure; items.parquet does, weighing an item by its users' shares", async () => {
    const { interactions } = makeWorld(3, { users: 60, items: 30, perUser: 6 });
    const random = createRandom(1);
    const contenders = ["one", "two"].map((name) => ({
      name,
      score: (users: Uint32Array) => {
        const scores = zeros(users.length, 30);
        return { ...scores, values: scores.values.map(() => random.next()) };
      },
    }));
    const splits = [];
    for (const seed of [1, 2]) {
      const { train, test } = splitWarmTail(interactions, { kind: "random", count: 2, seed });
      splits.push(await measureSplit({ train, test, contenders, protocol: { kind: "warm-tail", seed } }));
    }
    const report = await summariseSplits(splits);
    const metrics = rankMetricsOf(report);
    const askers = { column: "user", ids: Array.from({ length: 60 }, (_, u) => `u${u}`) } as const;
    const itemIds = Array.from({ length: 30 }, (_, i) => `i${i}`);
    await writeTogether(detailFiles(folder, { kind: "warm-tail", metrics, splits, askers, itemIds }));

    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const averages = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
    const users = join(folder, "warm-tail", "users.parquet");
    const ofUsers = await averages(
      `SELECT model, slice, candidates, avg("ndcg@10") AS value, count(DISTINCT "user") AS n FROM '${users}' GROUP BY ALL`,
    );
    const figures = report.results.filter(({ metric }) => metric === "ndcg@10");
    expect(ofUsers.length).toBe(figures.length);
    for (const row of ofUsers) {
      const figure = figures.find(
        (f) => f.model === row.model && f.slice === row.slice && f.candidates === row.candidates,
      );
      expect(row.value).toBeCloseTo(figure?.value ?? Number.NaN, 12);
      expect(Number(row.n)).toBe(figure?.n);
    }
    // Everybody holds out two: an item's weight is half of its targets.
    const items = join(folder, "warm-tail", "items.parquet");
    const [ofItems] = await averages(
      `SELECT sum("ndcg@10" * targets) / sum(targets) AS value FROM '${items}' WHERE model = 'two' AND slice = 'all'`,
    );
    const figure = figures.find(({ model, slice }) => model === "two" && slice === "all");
    expect(ofItems.value).toBeCloseTo(figure?.value ?? Number.NaN, 12);
  });
});
