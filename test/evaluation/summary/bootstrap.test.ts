import { describe, expect, it } from "vitest";
import {
  holmAdjusted,
  interval95,
  pairedDifference,
  resampledMeans,
} from "../../../src/evaluation/summary/bootstrap.ts";
import { createRandom } from "../../../src/math/random.ts";
import { mean, standardDeviation } from "../../../src/math/statistics.ts";

/** Mostly zeros, like NDCG per user. */
function values(seed: number, n: number, share = 0.3): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: n }, () => (random.next() < share ? random.next() : 0));
}

describe("bootstrap", () => {
  it("equals drawing users one by one and averaging", async () => {
    const series = [values(1, 37), values(2, 37)];
    const random = createRandom(9);
    const expected = Array.from({ length: 50 }, () => {
      const users = Array.from({ length: 37 }, () => random.integer(37));
      return series.map((ofSeries) => mean(users.map((user) => ofSeries[user])));
    });
    const means = await resampledMeans(series, { resamples: 50, seed: 9 });
    for (const [b, row] of expected.entries()) {
      for (const [s, value] of row.entries()) expect(means[s][b]).toBeCloseTo(value, 12);
    }
  });

  it("gives the normal interval for a large sample", async () => {
    const sample = values(3, 4000);
    const [low, high] = interval95((await resampledMeans([sample], { resamples: 2000, seed: 1 }))[0]);
    const halfWidth = (1.96 * standardDeviation(sample)) / Math.sqrt(4000);
    expect((high - low) / 2 / halfWidth).toBeCloseTo(1, 1);
    expect((high + low) / 2).toBeCloseTo(mean(sample), 3);
  });

  it("covers the truth in about 95 of 100 samples", async () => {
    const truth = 0.15;
    let covered = 0;
    for (let seed = 0; seed < 300; seed++) {
      const [means] = await resampledMeans([values(seed + 10, 200)], { resamples: 400, seed: 1 });
      const [low, high] = interval95(means);
      if (low <= truth && truth <= high) covered++;
    }
    const share = covered / 300;
    // Two standard errors of such a share are .025; percentile intervals of skewed means are slightly short.
    expect(share).toBeGreaterThan(0.91);
    expect(share).toBeLessThan(0.985);
  });

  it("is the same for the same seed and another for another", async () => {
    const draw = (seed: number) => resampledMeans([values(1, 100)], { resamples: 100, seed });
    const first = await draw(4);
    expect(await draw(4)).toEqual(first);
    expect(await draw(5)).not.toEqual(first);
  });

  it("draws the same users for a series whatever stands beside it", async () => {
    const [alone] = await resampledMeans([values(1, 100)], { resamples: 100, seed: 1 });
    const [, beside] = await resampledMeans([values(2, 100), values(1, 100)], { resamples: 100, seed: 1 });
    expect(beside).toEqual(alone);
  });
});

describe("paired difference", () => {
  const differenceOf = async (a: Float64Array, b: Float64Array) => {
    const [ofA, ofB] = await resampledMeans([a, b], { resamples: 1000, seed: 1 });
    return pairedDifference(ofA, ofB);
  };

  it("of a series with itself is 0 with p 1", async () => {
    const series = values(1, 300);
    expect(await differenceOf(series, series)).toEqual({ ci95: [0, 0], p: 1 });
  });

  it("cancels what users share: a constant advantage has no width and the smallest p", async () => {
    const b = values(1, 300);
    const { ci95, p } = await differenceOf(
      b.map((value) => value + 0.25),
      b,
    );
    expect(ci95[0]).toBeCloseTo(0.25, 12);
    expect(ci95[1]).toBeCloseTo(0.25, 12);
    expect(p).toBeCloseTo(2 / 1001, 12);
  });

  it("swaps sign with its sides and keeps p", async () => {
    const [a, b] = [values(1, 300), values(2, 300)];
    const forward = await differenceOf(a, b);
    const backward = await differenceOf(b, a);
    expect(backward.p).toBe(forward.p);
    expect(backward.ci95[0]).toBeCloseTo(-forward.ci95[1], 12);
    expect(backward.ci95[1]).toBeCloseTo(-forward.ci95[0], 12);
  });

  it("finds p below .05 in about one of twenty pairs that do not differ", async () => {
    const found = await Promise.all(
      Array.from({ length: 300 }, (_, seed) => differenceOf(values(2 * seed, 100), values(2 * seed + 1, 100))),
    );
    const share = found.filter(({ p }) => p < 0.05).length / found.length;
    expect(share).toBeGreaterThan(0.015);
    expect(share).toBeLessThan(0.1);
  });
});

describe("weights", () => {
  it("give the ratio of what is drawn: values over weights", async () => {
    const [series, weights] = [values(1, 37), values(2, 37, 1).map((value) => value + 0.5)];
    const random = createRandom(9);
    const [means] = await resampledMeans([series], { resamples: 50, seed: 9 }, weights);
    for (const found of means) {
      const units = Array.from({ length: 37 }, () => random.integer(37));
      expect(found).toBeCloseTo(mean(units.map((unit) => series[unit])) / mean(units.map((unit) => weights[unit])), 12);
    }
  });
});

describe("Holm's adjustment", () => {
  it("multiplies the smallest p by the number of tests, the next by one less, and never descends", async () => {
    // The standard example: .01, .04, .03, .005 become .03, .06, .06, .02.
    const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
    for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[i]).toBeCloseTo(expected, 12);
    expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });
});
