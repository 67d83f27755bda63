/** The whole hybrid on a small world in which tastes follow from features. */
import { beforeAll, describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { timesUnobserved } from "../../src/als/unobserved-weight.ts";
import { itemSupport } from "../../src/data/interactions.ts";
import { type Split, splitColdItems } from "../../src/data/splits/split.ts";
import { factorScorer } from "../../src/evaluation/ranking/scorer.ts";
import { foldInUser } from "../../src/hybrid/fold-in-user.ts";
import { fitHybrid, type HybridModel } from "../../src/hybrid/hybrid.ts";
import { embedNewItems } from "../../src/hybrid/new-items.ts";
import { createReferenceBackend } from "../../src/math/compute/reference/reference-backend.ts";
import { type Matrix, rowOf, takeRows } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { coldNdcg } from "../helpers/cold-ndcg.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { makeWorld, shuffledFeatures } from "../helpers/world.ts";

const size = { users: 250, items: 160, perUser: 12 };
const options = { collaborative: { rank: 8, iterations: 6, unobservedWeight: 0.2 } };
const world = makeWorld(1, size);
const split = splitColdItems(world.interactions, { share: 0.25 });
let hybrid: HybridModel;

beforeAll(async () => {
  hybrid = await fitHybrid(split.train, world.features, options);
});

/** NDCG@10 of the hidden items among themselves. */
async function ndcg({ train, test }: Split, users: Matrix, items: Matrix): Promise<number> {
  return coldNdcg({ train, test }, factorScorer(users, items));
}

describe("the hybrid", () => {
  it("ranks items that nobody met far better than chance and than ALS, and only by its features", async () => {
    for (const seed of [1, 2, 3]) {
      const { interactions, features } = makeWorld(seed, size);
      const parts = splitColdItems(interactions, { share: 0.25 });
      const model = await fitHybrid(parts.train, features, options);
      const placebo = await fitHybrid(parts.train, shuffledFeatures(features, 5), options);
      const chance = await ndcg(
        parts,
        model.userVectors,
        randomMatrix(createRandom(9), 160, model.userVectors.columns),
      );
      const served = await ndcg(parts, model.userVectors, model.embeddings.vectors);
      expect(served).toBeGreaterThan(2 * chance);
      expect(served).toBeGreaterThan(2 * (await ndcg(parts, model.als.userFactors, model.als.itemFactors)));
      expect(served).toBeGreaterThan(2 * (await ndcg(parts, placebo.userVectors, placebo.embeddings.vectors)));
    }
  });

  it("trains ALS at the weight of its settings, and takes one that is there", async () => {
    const settings = { ...hybrid.settings, alsUnobservedWeight: 3 };
    const weighed = timesUnobserved(options.collaborative, split.train, 3);
    const als = await fitAls(split.train, weighed);
    const model = await fitHybrid(split.train, world.features, options, { settings });
    expect(model.als).toEqual(als);
    expect(await fitHybrid(split.train, world.features, options, { settings, als })).toEqual(model);
  });

  it("trains ALS of as many factors as its settings say, and serves vectors of that length", async () => {
    const settings = { ...hybrid.settings, alsRankTimes: 2 };
    const { rank } = options.collaborative;
    const als = await fitAls(split.train, { ...options.collaborative, rank: 2 * rank });
    const model = await fitHybrid(split.train, world.features, options, { settings });
    expect(model.als).toEqual(als);
    expect([model.embeddings.rank, model.prior.columns]).toEqual([2 * rank, 2 * rank]);
  });

  it("gives the same bytes in every call and on any number of threads of the reference", async () => {
    const settings = hybrid.settings;
    expect(await fitHybrid(split.train, world.features, options)).toEqual(hybrid);
    const onThreads = (threads: number) =>
      fitHybrid(split.train, world.features, options, { settings, backend: createReferenceBackend({ threads }) });
    expect(await onThreads(2)).toEqual(await onThreads(1));
  });

  it("serves a cold item the vector that its features would get as a new item", async () => {
    const { values, presence, blocks } = world.features;
    const cold = split.coldItems;
    const features = { values: takeRows(values, cold), presence: takeRows(presence, cold), blocks };
    const fresh = await embedNewItems(hybrid, features);
    expect(largestDifference(fresh.vectors.values, takeRows(hybrid.embeddings.vectors, cold).values)).toBeLessThan(
      1e-5,
    );
    for (const item of cold) expect(hybrid.embeddings.source[item]).toBe("content");
  });

  it("folds in a user's items to the vector that the user was served", async () => {
    const { indptr, indices } = split.train;
    const items = [...indices.subarray(indptr[3], indptr[4])];
    const folded = await foldInUser(hybrid, [...items, items[0]].reverse());
    expect(largestDifference(folded, rowOf(hybrid.userVectors, 3))).toBeLessThan(1e-5);
    await expect(foldInUser(hybrid, [])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(foldInUser(hybrid, [160])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("takes the last of the items folded in for the latest, where the hybrid forgets", async () => {
    const forgetful = { ...hybrid, settings: { ...hybrid.settings, recencyDecay: 0.5 } };
    const [first, second] = [await foldInUser(forgetful, [1, 2]), await foldInUser(forgetful, [2, 1])];
    const towards = (user: Float32Array, item: number) => {
      const vector = rowOf(hybrid.embeddings.vectors, item);
      return user.reduce((sum, value, d) => sum + value * vector[d], 0);
    };
    expect(towards(first, 2)).toBeGreaterThan(towards(second, 2));
    expect(towards(second, 1)).toBeGreaterThan(towards(first, 1));
    expect(await foldInUser(forgetful, [1, 2, 1])).toEqual(second);
  });

  it("keeps plain ALS of the same interactions beside it, its own or the one given", async () => {
    const als = await fitAls(split.train, options.collaborative);
    expect(hybrid.als).toEqual(als);
    const given = await fitHybrid(split.train, world.features, options, { settings: hybrid.settings, als });
    expect(given.als).toBe(als);
    expect(given.embeddings).toEqual(hybrid.embeddings);
  });

  it("obeys settings that were chosen before instead of choosing", async () => {
    const stages = new Set<string>();
    const settings = { ...hybrid.settings, rounds: 0, channelWeight: 0, lift: 0 };
    const onProgress = ({ stage }: { stage: string }) => stages.add(stage);
    const model = await fitHybrid(split.train, world.features, options, { settings, onProgress });
    expect(stages).toEqual(new Set(["als"]));
    expect(model.settings).toBe(settings);
    expect(model.channel).toBeUndefined();
    const cold = takeRows(model.embeddings.vectors, split.coldItems);
    expect(largestDifference(cold.values, takeRows(model.prior, split.coldItems).values)).toBeLessThan(1e-6);
  });

  it("has a row for every item and user, all finite, with the support of the training interactions", () => {
    const { vectors, support, rank } = hybrid.embeddings;
    expect([vectors.rows, hybrid.userVectors.rows, rank]).toEqual([160, 250, 8]);
    expect(hybrid.userVectors.columns).toBe(vectors.columns);
    expect(support).toEqual(itemSupport(split.train));
    expect([...vectors.values, ...hybrid.userVectors.values].every(Number.isFinite)).toBe(true);
  });

  it("stops with INTERRUPTED once cancelled, wherever it is", async () => {
    for (const stage of ["als", "choose settings", "joint training"]) {
      const controller = new AbortController();
      const onProgress = (progress: { stage: string }) => progress.stage === stage && controller.abort();
      const settings = stage === "joint training" ? { ...hybrid.settings, rounds: 2 } : undefined;
      const context = { signal: controller.signal, onProgress, settings };
      await expect(fitHybrid(split.train, world.features, options, context)).rejects.toMatchObject({
        code: "INTERRUPTED",
      });
    }
  });
});
