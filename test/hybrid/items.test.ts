/** The assembly of served vectors [h ; b z(x)] from posterior, calibration and content channel. */
import { beforeAll, describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { itemSupport } from "../../src/data/interactions.ts";
import { hideItems } from "../../src/data/splits/split.ts";
import { UNTUNED } from "../../src/hybrid/defaults.ts";
import { confidenceInPriors, type EmbeddingData } from "../../src/hybrid/item-parts.ts";
import { embedItems } from "../../src/hybrid/items.ts";
import { embedNewItems } from "../../src/hybrid/new-items.ts";
import { embedUsers } from "../../src/hybrid/users.ts";
import { rowOf, takeRows } from "../../src/math/matrix.ts";
import { fitRegressor, predictPrior } from "../../src/regressor/regressor.ts";
import { distance, largestDifference, norm } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { denseConfidences, rowPenalty, solveDenseRow } from "../helpers/row-oracle.ts";
import { makeWorld } from "../helpers/world.ts";

const cold = [0, 1, 2, 3, 4, 5, 6, 7];
const shapes = [
  { name: "text", dimension: 6 },
  { name: "price", dimension: 2 },
];
let data: EmbeddingData;

/** Every 4th item lacks its price, item 1 has nothing. */
async function fitted(confidenceScale: number, weight: number): Promise<EmbeddingData> {
  const world = makeWorld(4, { users: 300, items: 120, perUser: 20 });
  const features = featureBlocks(
    world.features.values,
    shapes,
    (row, block) => row !== 1 && (row % 4 !== 0 || block === 0),
  );
  const unit = hideItems(world.interactions, cold).train;
  const interactions = { ...unit, values: unit.values.map(() => weight) };
  const als = await fitAls(interactions, { rank: 5, iterations: 4, confidenceScale, regularization: 0.02 });
  const support = itemSupport(interactions);
  return {
    als,
    interactions,
    features,
    regressor: await fitRegressor({ features, factors: als.itemFactors, support }),
  };
}

beforeAll(async () => {
  data = await fitted(1, 1);
});

/** The root mean square length of the rows of warm items. */
function warmScale(vectors: Parameters<typeof rowOf>[0], support: Uint32Array): number {
  const warm = [...support.keys()].filter((i) => support[i] > 0);
  return Math.sqrt(warm.reduce((sum, i) => sum + norm(rowOf(vectors, i)) ** 2, 0) / warm.length);
}

describe("embedItems", () => {
  it("serves factors beside content of the chosen share of their length", async () => {
    const options = { channel: { dimension: 3, weight: 0.4 }, lift: 0 };
    const { vectors, rank, support, prior } = await embedItems(data, options);
    const { vectors: bare } = await embedItems(data, { ...options, channel: null });
    expect([vectors.columns, rank, bare.columns]).toEqual([8, 5, 5]);
    const length = 0.4 * warmScale(bare, support);
    for (let i = 0; i < 120; i++) {
      expect(largestDifference(rowOf(vectors, i).subarray(0, 5), rowOf(bare, i))).toBe(0);
      expect(norm(rowOf(vectors, i).subarray(5))).toBeCloseTo(i === 1 ? 0 : length, 5);
    }
    for (const i of cold) expect(largestDifference(rowOf(bare, i), rowOf(prior, i))).toBeLessThan(1e-6);
    expect(prior).toEqual(await predictPrior(data.regressor, data.features));
  });

  it("leaves the channel out at weight 0", async () => {
    const embedded = await embedItems(data, { channel: { weight: 0 } });
    expect(embedded.vectors.columns).toBe(5);
    expect(embedded.channel).toBeUndefined();
  });

  it("lifts vectors by exp(a d / (1 + n)), and content by exp(c / (1 + n)) besides", async () => {
    const at = (lift: number, contentLift: number) =>
      embedItems(data, { channel: { dimension: 3, weight: 0.4 }, lift, contentLift });
    const [plain, full] = [await at(0, 0), await at(1, -0.7)];
    const shrinkage = full.lift.factors;
    expect(shrinkage).toBeGreaterThan(0.05);
    for (let i = 0; i < 120; i++) {
      const [whole, content] = [shrinkage, -0.7].map((exponent) => Math.exp(exponent / (1 + full.support[i])));
      const lifted = rowOf(plain.vectors, i).map((value, d) => whole * value * (d < 5 ? 1 : content));
      expect(largestDifference(rowOf(full.vectors, i), lifted)).toBeLessThan(1e-5);
    }
  });

  it("reports support, a source and an uncertainty that fit each other", async () => {
    const { support, source, uncertainty, behaviour } = await embedItems(data);
    expect(support).toEqual(itemSupport(data.interactions));
    expect(source.map((name) => name === "content")).toEqual(Array.from(support, (count) => count === 0));
    expect(new Set(source)).toEqual(new Set(["content", "blend", "behaviour"]));
    expect(uncertainty[2]).toBeCloseTo(1, 5);
    expect(uncertainty[4]).toBeGreaterThan(1);
    expect(uncertainty[1]).toBeGreaterThan(uncertainty[4]);
    expect(Math.max(...uncertainty.filter((_, i) => support[i] > 0 && i % 4 !== 0))).toBeLessThan(1);
    for (const i of cold) expect(norm(rowOf(behaviour, i))).toBe(0);
  });

  it.each([
    [1, 10],
    [4, 50],
    [16, 50],
  ])(
    "is less uncertain of an item with every interaction, at strength %d and exposure %d",
    async (priorStrength, exposure) => {
      const { support, uncertainty } = await embedItems(data, { priorStrength, exposure });
      const complete = [...support.keys()].filter((i) => i % 4 !== 0 && i !== 1);
      const ascending = complete.sort((a, b) => support[a] - support[b]);
      for (const [k, i] of ascending.slice(1).entries()) {
        const before = ascending[k];
        if (support[i] === support[before]) expect(uncertainty[i]).toBeCloseTo(uncertainty[before], 6);
        else expect(uncertainty[i]).toBeLessThan(uncertainty[before]);
      }
    },
  );

  it("leaves options of earlier versions aside and says what took their place", async () => {
    const notes: string[] = [];
    const listen = (warning: Error) => notes.push(warning.message);
    process.on("warning", listen);
    const earlier = { lift: 0.5, coldBalance: 0.5, tolerance: 0.02 } as Parameters<typeof embedItems>[1];
    const { vectors } = await embedItems(data, earlier);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect(vectors).toEqual((await embedItems(data, { lift: 0.5 })).vectors);
    expect(notes).toEqual([
      'embeddings: "coldBalance" is no longer an option and has no effect; "contentLift" took its place',
      'embeddings: "tolerance" is no longer an option and has no effect; "newShare" took its place',
    ]);
  });

  it("gives the same vectors whether confidences are in the interactions or in confidenceScale", async () => {
    const options = { channel: { weight: 0.3 }, lift: 0.5 };
    const [inOptions, inValues] = [await fitted(4, 1), await fitted(1, 4)];
    const [first, second] = [await embedItems(inOptions, options), await embedItems(inValues, options)];
    expect(largestDifference(first.vectors.values, second.vectors.values)).toBeLessThan(1e-5);
    expect(largestDifference(first.uncertainty, second.uncertainty)).toBeLessThan(1e-5);
  });

  it("refuses an unknown option and names the nearest", async () => {
    const misspelt = { lfit: 0 } as Parameters<typeof embedItems>[1];
    await expect(embedItems(data, misspelt)).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: 'embeddings: unknown key "lfit", did you mean "lift"?',
    });
  });
});

describe("confidence in a prior", () => {
  it("is 1 for complete content and loses the measured inflation of every missing block", () => {
    const confidence = confidenceInPriors(data.features, Float64Array.of(5, 2));
    expect([confidence[2], confidence[4], confidence[1]]).toEqual([1, 0.5, 0.1]);
  });
});

describe("embedUsers", () => {
  it.each([0, 0.5, 1])("solves equation 2 of every user against the served vectors v / |v|^%d", async (exponent) => {
    const items = await embedItems(data);
    const { vectors } = items;
    const users = await embedUsers(data.interactions, items, data.als, {
      ...UNTUNED,
      userNormExponent: exponent,
    });
    const scaled = Array.from({ length: 120 }, (_, i) =>
      rowOf(vectors, i).map((v) => v / norm(rowOf(vectors, i)) ** exponent),
    );
    const factors = { ...vectors, values: Float32Array.from(scaled.flatMap((row) => [...row])) };
    for (const u of [0, 50, 299]) {
      const confidences = denseConfidences(data.interactions, u);
      const { unobservedWeight } = data.als.options;
      const precision = new Array<number>(vectors.columns).fill(rowPenalty(confidences, data.als.options));
      const expected = solveDenseRow({ factors, confidences, unobservedWeight, precision });
      expect(largestDifference(rowOf(users, u), expected)).toBeLessThan(1e-4);
    }
  });
});

describe("embedNewItems", () => {
  it.each([0.25, 1, 4])(
    "reproduces the served vector and uncertainty of a cold item from its features alone, at prior strength %d",
    async (priorStrength) => {
      const options = {
        priorStrength,
        channel: { dimension: 3, weight: 0.4 },
        lift: 0.5,
      };
      const embedded = await embedItems(data, options);
      const { values, presence, blocks } = data.features;
      const features = { values: takeRows(values, cold), presence: takeRows(presence, cold), blocks };
      const fresh = await embedNewItems({ ...embedded, regressor: data.regressor }, features);
      expect(largestDifference(fresh.vectors.values, takeRows(embedded.vectors, cold).values)).toBeLessThan(1e-5);
      expect(largestDifference(fresh.uncertainty, embedded.uncertainty.subarray(0, 8))).toBeLessThan(1e-5);
      expect(fresh.source).toEqual(cold.map(() => "content"));
      expect([fresh.rank, ...fresh.support]).toEqual([5, ...cold.map(() => 0)]);
    },
  );

  it("gives an item of which nothing is known a vector too, and says how little it is worth", async () => {
    const embedded = await embedItems(data, { channel: { weight: 0.4 } });
    const nothing = featureBlocks(takeRows(data.features.values, [9]), shapes, () => false);
    const { vectors, uncertainty } = await embedNewItems({ ...embedded, regressor: data.regressor }, nothing);
    expect(vectors.values.every(Number.isFinite)).toBe(true);
    expect(norm(vectors.values.subarray(5))).toBe(0);
    expect(uncertainty[0]).toBeGreaterThan(1.2);
    expect(distance(vectors.values, rowOf(embedded.vectors, 1))).toBeLessThan(1e-5);
  });
});
