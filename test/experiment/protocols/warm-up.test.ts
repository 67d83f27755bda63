/** The warm-up protocol on a small world whose items' content tells what users will think of them. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../../src/als/als.ts";
import { parsePipeline } from "../../../src/config.ts";
import { splitWarmUp } from "../../../src/data/splits/warm-up-split.ts";
import { evaluate } from "../../../src/evaluation/evaluate.ts";
import { factorScorer } from "../../../src/evaluation/ranking/scorer.ts";
import { createModelData } from "../../../src/experiment/models/model-data.ts";
import { createChoice } from "../../../src/experiment/models/run-choice.ts";
import { measureWarmUp } from "../../../src/experiment/protocols/warm-up.ts";
import type { Progress } from "../../../src/run-context.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(11, { users: 200, items: 60, perUser: 10 });
const split = splitWarmUp(interactions, { reveal: [0, 2, 15], targets: 5, minimumItems: 20, share: 0.4 });
const config = parsePipeline(
  `name: world
output: nowhere
data: { interactions: { path: none.csv }, items: { path: none.csv } }
collaborative: { rank: 6, iterations: 5, unobservedWeight: 0.3 }
evaluation: { metrics: ["ndcg@10"], resamples: 100, warmUp: {} }
`,
  "made.yaml",
);

describe("measureWarmUp", async () => {
  const stages: string[] = [];
  const onProgress = ({ stage }: Progress) => stages.push(stage);
  const { collaborative, regressor, embeddings, evaluation } = config;
  const options = { collaborative, regressor, embeddings };
  const side = { train: split.levels[0].train, features: async () => features, options, seed: evaluation.seed };
  const choice = createChoice(side, { onProgress });
  const data = createModelData({ ...side, settings: choice.settings }, { onProgress });
  const models = evaluation.warmUp?.models ?? [];
  const report = await measureWarmUp({ split, data, choice, dataset: "world", models, evaluation }, { onProgress });
  const settings = await data.settings();
  const value = (model: string, slice: string, candidates: string) =>
    report.results.find((r) => r.model === model && r.slice === slice && r.candidates === candidates)?.value ?? -1;

  it("measures its four models at every level, against the catalog and among the warm-up items", () => {
    const models = ["als", "content-knn", "regression-mse", "hybrid"];
    expect(report.results.map((r) => `${r.slice} ${r.candidates} ${r.model}`)).toEqual(
      ["n=0", "n=2", "n=15"].flatMap((slice) =>
        ["catalog", "slice"].flatMap((candidates) => models.map((model) => `${slice} ${candidates} ${model}`)),
      ),
    );
    expect(new Set(report.results.map(({ n, candidates }) => `${candidates} ${n}`)).size).toBe(2);
    expect(report.protocol.slices.map(({ items }) => items)).toEqual([0, 0, 0].fill(split.items.length));
  });

  it("reports for als what als fitted on the level alone scores on the same targets", async () => {
    const { train } = split.levels[1];
    const als = await fitAls(train, config.collaborative);
    const contenders = [{ name: "als", score: factorScorer(als.userFactors, als.itemFactors) }];
    const candidateFilter = Uint8Array.from({ length: 60 }, (_, item) => Number(split.items.includes(item)));
    const input = { train, test: split.test, contenders, slices: [] };
    const options = { metrics: ["ndcg@10"], resamples: 100 };
    const [catalog] = (await evaluate(input, options)).results;
    const [slice] = (await evaluate({ ...input, candidateFilter }, options)).results;
    expect(value("als", "n=2", "catalog")).toBe(catalog.value);
    expect(value("als", "n=2", "slice")).toBe(slice.value);
  });

  it("shows behaviour taking over from content", () => {
    expect(value("als", "n=0", "slice")).toBeLessThan(value("content-knn", "n=0", "slice"));
    expect(value("als", "n=15", "slice")).toBeGreaterThan(value("als", "n=0", "slice"));
    expect(value("hybrid", "n=0", "slice")).toBeGreaterThan(value("als", "n=0", "slice"));
  });

  it("chooses settings once, and keeps them with the split in the report", () => {
    expect(report.protocol).toMatchObject({ kind: "warm-up", seed: 1, unreached: [], settings });
    expect(stages.filter((stage) => stage.startsWith("n=2, choose"))).toEqual([]);
    expect(stages).toContain("n=15, als");
  });
});
