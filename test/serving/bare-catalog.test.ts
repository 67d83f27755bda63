/** Catalogs of ids alone, and vectors of one number: every answer is of finite numbers. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { openRecommender, type Recommender } from "../../src/index.ts";
import { parseRules } from "../../src/rules/rules-file.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

const features = { text: null, image: null, lexical: null, attributes: null, fields: null };
const COLD = "P-11";

let folder: string;
let recommender: Recommender;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-bare-"));
  const { collaborative, ...rest } = tinyExperiment(join(folder, "out"), "{}");
  await runPipeline({ ...rest, features, collaborative: { ...collaborative, rank: 1 } }, { folder, evaluate: false });
  recommender = await openRecommender(join(folder, "out", "bundle"));
}, 60_000);

afterAll(async () => {
  await recommender.close();
  await rm(folder, { recursive: true, force: true });
});

const days = Array.from({ length: 20 }, (_, i) => `2026-01-${String(i + 1).padStart(2, "0")}`);

/** The list of everything for a user, as draws of that day have it. */
async function explored(day: string, strength: number) {
  const [user] = recommender.bundle.userIds;
  const rules = parseRules(JSON.stringify([{ kind: "exploration", strength, day }]), "rules.json");
  return (await recommender.recommend({ user, count: 100, tail: 0.5, rules: [...rules] })).recommended;
}

describe("an item of which nothing is known", () => {
  it("has a vector of zeros, and a score of 0", async () => {
    const { catalog, model } = recommender.bundle;
    const row = catalog.ids.indexOf(COLD);
    expect([model.embeddings.support[row], model.embeddings.vectors.values[row]]).toEqual([0, 0]);
    const list = await explored(days[0], 0);
    expect(list.find(({ id }) => id === COLD)?.score).toBe(0);
    expect(list.every(({ score }) => Number.isFinite(score))).toBe(true);
  });

  it("gets its chance by exploration, now and then, and never ranks by a score without end", async () => {
    const lists = await Promise.all(days.map((day) => explored(day, 2)));
    for (const { score } of lists.flat()) expect(Number.isFinite(score)).toBe(true);
    const places = lists.map((list) => list.findIndex(({ id }) => id === COLD));
    expect(new Set(places).size).toBeGreaterThan(2);
  });
});

describe("a vector of one number", () => {
  it("lies on the line of a map", async () => {
    const points = await recommender.map(COLD);
    expect(points).toHaveLength(recommender.bundle.catalog.ids.length);
    for (const { x, y } of points) expect([x, y]).toEqual([0, 0]);
  });
});
