/** The posterior of item factors (equation 5) against its own loss, and in its limits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlsModel, fitAls } from "../../src/als/als.ts";
import type { AlsOptions } from "../../src/als/als-options.ts";
import { createInteractions, itemSupport } from "../../src/data/interactions.ts";
import { hideItems } from "../../src/data/splits/split.ts";
import { dimensionPrecisionOf, type PosteriorData, solvePosterior } from "../../src/hybrid/posterior.ts";
import { rowOf, type SparseMatrix, transposeSparse } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { distance, largestDifference, norm } from "../helpers/comparisons.ts";
import { randomMatrix, randomSparse } from "../helpers/matrices.ts";
import { type DenseRow, denseConfidences, denseRowLoss, rowPenalty, solveDenseRow } from "../helpers/row-oracle.ts";

const [users, items, rank] = [40, 24, 4];
/** Items that nobody takes. */
const cold = [5, 17];

type Example = PosteriorData & { readonly als: AlsModel };

async function example(seed: number, options: AlsOptions = {}): Promise<Example> {
  const random = createRandom(seed);
  const interactions = hideItems(randomSparse(random, users, items, 7), cold).train;
  const als = await fitAls(interactions, { rank, iterations: 4, regularization: 0.05, ...options });
  const factorScale = norm(als.itemFactors.values) / Math.sqrt(items * rank);
  const prior = randomMatrix(random, items, rank);
  for (let p = 0; p < prior.values.length; p++) prior.values[p] *= factorScale;
  const dimensionPrecision = Float64Array.from({ length: rank }, () => 0.3 + 2 * random.next());
  const confidenceInPrior = Float64Array.from({ length: items }, () => 0.2 + 0.8 * random.next());
  return { als, interactions, prior, dimensionPrecision, confidenceInPrior };
}

/** Item i's system as equation 5 states it. */
function systemOf(
  data: PosteriorData,
  options: { exposureFrom: "support"; exposure: number; priorStrength: number },
  i: number,
): DenseRow {
  const { als, interactions, prior, dimensionPrecision, confidenceInPrior } = data;
  const confidences = denseConfidences(transposeSparse(interactions), i, als.options.confidenceScale);
  const support = confidences.filter((c) => c > 0).length;
  const { priorStrength: s } = options;
  const strength = s < 1 ? s : 1 + ((s - 1) * 5) / (5 + support);
  const penalty = strength * confidenceInPrior[i] * rowPenalty(confidences, als.options);
  return {
    factors: als.userFactors,
    confidences,
    unobservedWeight: als.options.unobservedWeight,
    precision: Array.from(dimensionPrecision, (d) => penalty * d),
    prior: rowOf(prior, i),
    exposure: support === 0 ? 0 : support / (support + options.exposure),
    expected: rowOf(prior, i),
  };
}

interface Setting {
  readonly seed: number;
  readonly exposure: number;
  readonly priorStrength: number;
  readonly confidenceScale: number;
}

const settings: fc.Arbitrary<Setting> = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  exposure: fc.constantFrom(0, 1, 5, 30),
  priorStrength: fc.constantFrom(0.01, 1, 20),
  confidenceScale: fc.constantFrom(1, 6),
});

const uninformed = (data: Example): Example => ({
  ...data,
  prior: { ...data.prior, values: new Float32Array(items * rank) },
  dimensionPrecision: new Float64Array(rank).fill(1),
  confidenceInPrior: new Float64Array(items).fill(1),
});

/** Item 0 taken by the first `counts[0]` users, item 1 by the first `counts[1]`, ... */
function takenBy(counts: readonly number[]): SparseMatrix {
  const pairs = counts.flatMap((count, item) => Array.from({ length: count }, (_, user) => ({ user, item })));
  return createInteractions(users, counts.length, {
    users: pairs.map(({ user }) => user),
    items: pairs.map(({ item }) => item),
    values: pairs.map(() => 1),
  });
}

describe("the posterior", () => {
  it("minimises its row's loss: equal to the dense solve, and never above the prior, the behaviour or a point nearby", async () => {
    const run = async ({ seed, confidenceScale, ...rest }: Setting) => {
      const options = { exposureFrom: "support" as const, ...rest };
      const data = await example(seed, { confidenceScale });
      const { factors, behaviour } = await solvePosterior(data, options);
      const random = createRandom(seed);
      for (let i = 0; i < items; i++) {
        const system = systemOf(data, options, i);
        const h = rowOf(factors, i);
        expect(largestDifference(h, solveDenseRow(system))).toBeLessThan(1e-4 * (1 + norm(h)));
        const loss = denseRowLoss(system, h) * (1 - 1e-6) - 1e-9;
        expect(loss).toBeLessThanOrEqual(denseRowLoss(system, rowOf(data.prior, i)));
        expect(loss).toBeLessThanOrEqual(denseRowLoss(system, rowOf(behaviour, i)));
        expect(loss).toBeLessThanOrEqual(
          denseRowLoss(
            system,
            h.map((value) => value + 0.1 * random.normal()),
          ),
        );
      }
    };
    await fc.assert(fc.asyncProperty(settings, run), { numRuns: 20 });
  });

  it("is the prior itself for an item without interactions", async () => {
    const data = await example(3);
    const { factors, behaviour, source } = await solvePosterior(data, {
      exposureFrom: "support",
      exposure: 3,
      priorStrength: 1,
    });
    for (const i of cold) {
      expect(largestDifference(rowOf(factors, i), rowOf(data.prior, i))).toBeLessThan(1e-6);
      expect(norm(rowOf(behaviour, i))).toBe(0);
      expect(source[i]).toBe("content");
    }
  });

  it("is ALS when the prior is zero, every dimension alike and every item exposed; so is the behaviour it reports", async () => {
    const data = uninformed(await example(4));
    const { factors, behaviour } = await solvePosterior(data, {
      exposureFrom: "support",
      exposure: 0,
      priorStrength: 1,
    });
    expect(largestDifference(factors.values, data.als.itemFactors.values)).toBeLessThan(1e-5);
    expect(largestDifference(behaviour.values, data.als.itemFactors.values)).toBeLessThan(1e-5);
    const strong = await solvePosterior(data, { exposureFrom: "support", exposure: 9, priorStrength: 50 });
    expect(strong.behaviour).toEqual(behaviour);
  });

  it("approaches the interactions' own least squares as the prior loses its strength, the prior as it gains it", async () => {
    const data = await example(5);
    const at = (priorStrength: number) => solvePosterior(data, { exposureFrom: "support", exposure: 0, priorStrength });
    const warm = [...itemSupport(data.interactions)].findIndex((count) => count >= 4);
    const system = systemOf(data, { exposureFrom: "support", exposure: 0, priorStrength: 0 }, warm);
    const alone = solveDenseRow(system);
    const fromData = async (strength: number) =>
      distance(rowOf((await at(strength)).factors, warm), alone) / norm(alone);
    expect(await fromData(1e-6)).toBeLessThan(1e-3);
    expect(await fromData(1)).toBeGreaterThan(1e-2);
    const strong = rowOf((await at(1e7)).factors, warm);
    expect(distance(strong, rowOf(data.prior, warm))).toBeLessThan(1e-3 * norm(rowOf(data.prior, warm)));
  });

  it("moves from the prior to the behaviour as support grows", async () => {
    const { als } = await example(6, { regularizationExponent: 0.5 });
    const counts = [0, 1, 6, 40];
    const prior = { rows: counts.length, columns: rank, values: new Float32Array(counts.length * rank) };
    for (let i = 0; i < counts.length; i++)
      prior.values.set(
        rowOf(als.itemFactors, 0).map((v) => -v),
        i * rank,
      );
    const data = {
      als,
      interactions: takenBy(counts),
      prior,
      dimensionPrecision: new Float64Array(rank).fill(1),
      confidenceInPrior: new Float64Array(counts.length).fill(1),
    };
    const { factors, behaviour, source } = await solvePosterior(data, {
      exposureFrom: "support",
      exposure: 3,
      priorStrength: 5,
    });
    const shares = counts.map((_, i) => {
      const fromPrior = distance(rowOf(factors, i), rowOf(prior, i));
      return fromPrior / (fromPrior + distance(rowOf(factors, i), rowOf(behaviour, i)));
    });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBeLessThan(1e-6);
    expect(shares[3]).toBeGreaterThan(0.8);
    expect(source).toEqual(shares.map((share, i) => (i === 0 ? "content" : share >= 0.8 ? "behaviour" : "blend")));
    expect(source).toContain("blend");
  });

  it("keeps tail items nearer to their priors the more it doubts that they were seen", async () => {
    const data = await example(7, { unobservedWeight: 0.5 });
    const support = itemSupport(data.interactions);
    const moved = async (exposure: number) => {
      const { factors } = await solvePosterior(data, { exposureFrom: "support", exposure, priorStrength: 1 });
      const tail = Array.from(support.keys()).filter((i) => support[i] > 0 && support[i] <= 3);
      return tail.reduce((sum, i) => sum + distance(rowOf(factors, i), rowOf(data.prior, i)), 0);
    };
    const [seen, doubted, unseen] = [await moved(0), await moved(3), await moved(30)];
    expect(doubted).toBeLessThan(0.95 * seen);
    expect(unseen).toBeLessThan(0.95 * doubted);
  });

  it("is ALS at any exposure where the prior is zero: those who never met an item expect nothing of it", async () => {
    const data = uninformed(await example(7));
    const at = (exposure: number) => solvePosterior(data, { exposureFrom: "support", exposure, priorStrength: 1 });
    expect(largestDifference((await at(30)).factors.values, data.als.itemFactors.values)).toBeLessThan(1e-5);
  });
});

describe("uncertainty", () => {
  it("is 1 for an item known by complete content alone, whatever the strength of the prior", async () => {
    const base = await example(8);
    const data = { ...base, confidenceInPrior: new Float64Array(items).fill(1) };
    for (const priorStrength of [0.1, 1, 10]) {
      const { uncertainty } = await solvePosterior(data, { exposureFrom: "support", exposure: 3, priorStrength });
      expect(uncertainty[cold[0]]).toBeCloseTo(1, 5);
    }
  });

  it("is above 1 for a cold item whose content is incomplete: the root of the variance that this adds", async () => {
    const base = await example(8);
    const data = { ...base, confidenceInPrior: new Float64Array(items).fill(1 / 2.25) };
    const { uncertainty } = await solvePosterior(data, { exposureFrom: "support", exposure: 3, priorStrength: 1 });
    expect(uncertainty[cold[0]]).toBeCloseTo(1.5, 5);
  });

  it("falls with every further interaction, also where only observed pairs count", async () => {
    for (const unobservedWeight of [0, 0.1]) {
      const { als, dimensionPrecision } = await example(9, { unobservedWeight });
      const interactions = takenBy([0, 1, 2, 5, 20, 40]);
      const data = {
        als,
        interactions,
        prior: { rows: 6, columns: rank, values: new Float32Array(6 * rank) },
        dimensionPrecision,
        confidenceInPrior: new Float64Array(6).fill(1),
      };
      const { uncertainty } = await solvePosterior(data, { exposureFrom: "support", exposure: 3, priorStrength: 1 });
      expect(uncertainty[0]).toBeCloseTo(1, 5);
      for (let i = 1; i < 6; i++) expect(uncertainty[i]).toBeLessThan(uncertainty[i - 1]);
      expect(uncertainty[5]).toBeGreaterThan(0);
    }
  });

  it("falls with confidence at equal support", async () => {
    const { als, dimensionPrecision } = await example(9, { regularizationExponent: 0 });
    const once = takenBy([3, 3]);
    const data = {
      als,
      interactions: { ...once, values: Float32Array.from(once.indices, (item) => 1 + 4 * item) },
      prior: { rows: 2, columns: rank, values: new Float32Array(2 * rank) },
      dimensionPrecision,
      confidenceInPrior: new Float64Array(2).fill(1),
    };
    const { uncertainty } = await solvePosterior(data, { exposureFrom: "support", exposure: 3, priorStrength: 1 });
    expect(uncertainty[1]).toBeLessThan(0.95 * uncertainty[0]);
  });
});

describe("precision by dimension", () => {
  const gramDiagonal = ({ gram }: AlsModel, d: number) => gram.values[d * (rank + 1)];

  it("is greatest where the regressor errs least, and keeps the total variance of scores", async () => {
    const { als, interactions } = await example(10);
    const precision = dimensionPrecisionOf(als, interactions, Float64Array.of(1, 0.1, 10, 100));
    expect(precision[1]).toBeGreaterThan(precision[0]);
    expect(precision[0]).toBeGreaterThan(precision[2]);
    expect(precision[2]).toBeGreaterThan(precision[3]);
    const totals = [0, 1, 2, 3].map((d) => [gramDiagonal(als, d), gramDiagonal(als, d) / precision[d]]);
    const [plain, weighted] = [0, 1].map((side) => totals.reduce((sum, total) => sum + total[side], 0));
    expect(weighted / plain).toBeCloseTo(1, 6);
  });

  it("adds to the residual what ALS itself cannot tell: the noise of interactions over the precision that they give", async () => {
    const { als, interactions } = await example(11);
    const { userFactors, itemFactors, options } = als;
    let noise = 0;
    let weight = 0;
    for (let u = 0; u < users; u++) {
      for (const [i, c] of denseConfidences(interactions, u).entries()) {
        const score = rowOf(userFactors, u).reduce((sum, w, d) => sum + w * rowOf(itemFactors, i)[d], 0);
        noise += c * (1 - score) ** 2;
        weight += c;
      }
    }
    const byItem = transposeSparse(interactions);
    const penalties = Array.from({ length: items }, (_, i) => rowPenalty(denseConfidences(byItem, i), options));
    const penalty = penalties.reduce((sum, l) => sum + l, 0) / items;
    const residual = Float64Array.of(0.2, 0.1, 0.3, 0.05);
    const variance = Array.from(
      residual,
      (r, d) => r + noise / weight / (options.unobservedWeight * gramDiagonal(als, d) + penalty),
    );
    const precision = dimensionPrecisionOf(als, interactions, residual);
    for (let d = 1; d < rank; d++) expect(precision[d] / precision[0]).toBeCloseTo(variance[0] / variance[d], 5);
  });

  it("is the same whether the confidences are in the interactions or in confidenceScale", async () => {
    const { als, interactions } = await example(12, { confidenceScale: 8 });
    const scaled = { ...interactions, values: interactions.values.map((value) => 8 * value) };
    const same = { ...als, options: { ...als.options, confidenceScale: 1 } };
    const residual = Float64Array.of(0.2, 0.1, 0.3, 0.05);
    const [inOptions, inValues] = [
      dimensionPrecisionOf(als, interactions, residual),
      dimensionPrecisionOf(same, scaled, residual),
    ];
    expect(largestDifference(inOptions, inValues)).toBeLessThan(1e-9);
  });
});
