/** Lengths of uncertain factors: the formula, its ends, and that lengths can be learnt from content. */
import { describe, expect, it } from "vitest";
import { calibrateNorms, fitNorms } from "../../src/embeddings/norm-calibration.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { predictPrior } from "../../src/regressor/regressor.ts";
import { dot, largestDifference, norm } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const random = createRandom(2);
const factors = randomMatrix(random, 6, 4);
const logNorms = randomMatrix(random, 6, 1);
const uncertainty = Float32Array.of(0, 0.3, 0.7, 1, 1.4, 30);

describe("calibrateNorms", () => {
  it("leaves factors alone at strength 0, and certain items at any strength", () => {
    expect(largestDifference(calibrateNorms(factors, logNorms, uncertainty, 0).values, factors.values)).toBe(0);
    const full = calibrateNorms(factors, logNorms, uncertainty, 1);
    expect(largestDifference(rowOf(full, 0), rowOf(factors, 0))).toBe(0);
  });

  it("gives items known by content alone, or by less, exactly the length expected of them at strength 1", () => {
    const full = calibrateNorms(factors, logNorms, uncertainty, 1);
    for (const i of [3, 4, 5]) expect(norm(rowOf(full, i))).toBeCloseTo(Math.exp(logNorms.values[i]), 5);
  });

  it("is the geometric mean in between, and turns no vector", () => {
    const half = calibrateNorms(factors, logNorms, uncertainty, 0.5);
    for (let i = 0; i < 6; i++) {
      const share = 0.5 * Math.min(1, uncertainty[i]);
      const length = norm(rowOf(factors, i));
      const calibrated = norm(rowOf(half, i));
      expect(calibrated).toBeCloseTo(length ** (1 - share) * Math.exp(logNorms.values[i]) ** share, 5);
      expect(dot(rowOf(half, i), rowOf(factors, i)) / (calibrated * length)).toBeCloseTo(1, 5);
    }
  });

  it("leaves a vector without length at zero", () => {
    const zero = { ...factors, values: new Float32Array(24) };
    expect(calibrateNorms(zero, logNorms, uncertainty, 1)).toEqual(zero);
  });
});

describe("fitNorms", () => {
  it("learns from warm items how long an item of such content is, in logarithms", async () => {
    const features = featureBlocks(randomMatrix(random, 80, 3), [{ name: "text", dimension: 3 }]);
    const support = Uint32Array.from({ length: 80 }, (_, i) => (i % 4 === 0 ? 0 : 1 + i));
    const log = (i: number) => 0.5 * rowOf(features.values, i)[0] - rowOf(features.values, i)[2];
    const long = randomMatrix(random, 80, 5);
    for (let i = 0; i < 80; i++) {
      const row = rowOf(long, i);
      const factor = support[i] === 0 ? 1e6 : Math.exp(log(i)) / norm(row);
      for (let d = 0; d < 5; d++) row[d] *= factor;
    }
    const learnt = await predictPrior(await fitNorms(features, long, support, {}), features);
    expect(learnt.columns).toBe(1);
    for (let i = 0; i < 80; i++) expect(Math.abs(learnt.values[i] - log(i))).toBeLessThan(0.01);
  });
});
