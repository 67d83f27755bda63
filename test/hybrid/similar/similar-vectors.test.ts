/** The family of ways to compare two items holds the models that it competes with. */
import { beforeAll, describe, expect, it } from "vitest";
import { contentKnn } from "../../../src/baselines/content-knn.ts";
import { itemKnn } from "../../../src/baselines/item-knn.ts";
import { itemSupport } from "../../../src/data/interactions.ts";
import { contentVectors } from "../../../src/hybrid/content-channel.ts";
import { fitHybrid, type HybridModel } from "../../../src/hybrid/hybrid.ts";
import { embedNewItems } from "../../../src/hybrid/new-items.ts";
import { partAlone, type SimilarSettings } from "../../../src/hybrid/similar/similar-settings.ts";
import { cosineOf } from "../../../src/math/cosine.ts";
import { type Matrix, rowOf } from "../../../src/math/matrix.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(2, { users: 120, items: 60, perUser: 8 });
const items = Uint32Array.from({ length: 60 }, (_, i) => i);
const warm = items.filter((item) => itemSupport(interactions)[item] > 0);

async function fittedWith(similar: SimilarSettings): Promise<HybridModel> {
  const fixed = { rounds: 0, priorStrength: 1, lift: 1, contentLift: 0, userNormExponent: 0, recencyDecay: 0, tail: 0 };
  const embeddings = { ...fixed, channel: { weight: 0.4 }, similar };
  return fitHybrid(interactions, features, { collaborative: { rank: 8, iterations: 4 }, embeddings });
}

function vectorsOf({ similar }: HybridModel): Matrix {
  if (similar === undefined) throw new Error("expected vectors to compare items by");
  return similar.vectors;
}

/** The largest difference of the pairs' cosines from given ones. */
function worstCosine(vectors: Matrix, expected: (a: number, b: number) => number): number {
  let worst = 0;
  for (const a of warm) {
    for (const b of warm) {
      if (a === b) continue;
      worst = Math.max(worst, Math.abs((cosineOf(rowOf(vectors, a), rowOf(vectors, b)) ?? 0) - expected(a, b)));
    }
  }
  return worst;
}

const cosines = (matrix: Matrix) => (a: number, b: number) => cosineOf(rowOf(matrix, a), rowOf(matrix, b)) ?? 0;

describe("with one weight alone, items are compared", () => {
  it("as als does", async () => {
    const model = await fittedWith(partAlone("factors"));
    expect(worstCosine(vectorsOf(model), cosines(model.als.itemFactors))).toBeLessThan(1e-6);
  });

  it("as regression-mse does: by the factors that content predicts", async () => {
    const model = await fittedWith(partAlone("prior"));
    expect(worstCosine(vectorsOf(model), cosines(model.prior))).toBeLessThan(1e-6);
  });

  it("as content-knn does", async () => {
    const model = await fittedWith(partAlone("content"));
    const knn = contentKnn(interactions, contentVectors(features, model.regressor.standardisation)).similar;
    const scores = await knn?.score(items);
    expect(worstCosine(vectorsOf(model), (a, b) => scores?.values[a * 60 + b] ?? Number.NaN)).toBeLessThan(1e-5);
  });

  it("as item-knn without shrinkage does", async () => {
    const model = await fittedWith(partAlone("coOccurrence"));
    const knn = itemKnn(interactions, { neighbours: 60, shrinkage: 0 }).similar;
    const scores = await knn?.score(items);
    expect(worstCosine(vectorsOf(model), (a, b) => scores?.values[a * 60 + b] ?? Number.NaN)).toBeLessThan(1e-4);
  });
});

describe("the vectors by which items are compared", () => {
  const mixture: SimilarSettings = {
    factors: 1,
    coOccurrence: 0.5,
    prior: 1,
    content: 1,
    fade: 3,
    popularity: 0.2,
  };
  let model: HybridModel;
  beforeAll(async () => {
    model = await fittedWith(mixture);
  });

  it("are as long as (1 + support) to the power of popularity, the most popular item's being 1", () => {
    const support = itemSupport(interactions);
    const most = Math.max(...support);
    for (const item of items) {
      const length = Math.hypot(...rowOf(vectorsOf(model), item));
      expect(length).toBeCloseTo(((1 + support[item]) / (1 + most)) ** 0.2, 5);
    }
  });

  it("turn to content the less behaviour there is, and are content alone without any", () => {
    const { similar } = model;
    const shareOfBehaviour = (item: number) =>
      Math.hypot(...rowOf(vectorsOf(model), item).subarray(0, similar?.behaviour)) /
      Math.hypot(...rowOf(vectorsOf(model), item));
    const support = itemSupport(interactions);
    for (const a of items) {
      for (const b of items) {
        if (support[a] < support[b]) expect(shareOfBehaviour(a)).toBeLessThan(shareOfBehaviour(b));
      }
    }
    const cold = items.find((item) => support[item] === 0);
    if (cold !== undefined) expect(shareOfBehaviour(cold)).toBe(0);
  });

  it("of a new item are those of a cold item with its features", async () => {
    const { similar } = await embedNewItems(model, features);
    const behaviour = model.similar?.behaviour ?? 0;
    for (const item of items) {
      const [fresh, known] = [rowOf(similar, item), rowOf(vectorsOf(model), item)];
      expect(Math.hypot(...fresh.subarray(0, behaviour))).toBe(0);
      expect(cosineOf(fresh.subarray(behaviour), known.subarray(behaviour))).toBeCloseTo(1, 5);
    }
  });

  it("are the same bytes in every fit", async () => {
    expect(largestDifference(vectorsOf(await fittedWith(mixture)).values, vectorsOf(model).values)).toBe(0);
  });
});
