/** Lengths of cold factors: the formula, its ends, and that lengths can be learnt from content. */
import { beforeAll, describe, expect, it } from "vitest";
import { calibrateNorms, coldScale, type ExpectedNorms, fitNorms } from "../../src/hybrid/norm-calibration.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { predictPrior } from "../../src/regressor/regressor.ts";
import { dot, norm } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const items = 80;
const random = createRandom(2);
const features = featureBlocks(randomMatrix(random, items, 3), [{ name: "text", dimension: 3 }]);
const support = Uint32Array.from({ length: items }, (_, i) => (i % 4 === 0 ? 0 : 1 + i));
const cold = [...support.keys()].filter((i) => support[i] === 0);
const warm = [...support.keys()].filter((i) => support[i] > 0);
const expectedLog = (i: number) => 0.5 * rowOf(features.values, i)[0] - rowOf(features.values, i)[2];
const logLength = (matrix: Matrix, i: number) => Math.log(norm(rowOf(matrix, i)));
const meanOver = (rows: readonly number[], figure: (i: number) => number) =>
  rows.reduce((sum, i) => sum + figure(i), 0) / rows.length;

/** Random directions, the given lengths. */
function withLengths(length: (i: number) => number): Matrix {
  const matrix = randomMatrix(random, items, 5);
  for (let i = 0; i < items; i++) {
    const row = rowOf(matrix, i);
    const factor = length(i) / norm(row);
    for (let d = 0; d < row.length; d++) row[d] *= factor;
  }
  return matrix;
}

/** Warm items are as long as their content says; what cold ones hold must not matter. */
const factors = withLengths((i) => (support[i] === 0 ? 1e6 : Math.exp(expectedLog(i))));
/** Regression leaves items at a fifth of their length, give or take. */
const prior = withLengths((i) => 0.2 * Math.exp(expectedLog(i) + 0.5 * random.normal()));
let learnt: ExpectedNorms;

beforeAll(async () => {
  learnt = await fitNorms(features, factors, prior, support, {});
});

const calibrated = (calibration: number, coldBalance: number, matrix: Matrix = prior) =>
  calibrateNorms(matrix, features, learnt, { calibration, coldBalance }, {});

describe("fitNorms", () => {
  it("learns from warm items how long an item of such content is, in logarithms", async () => {
    const predicted = await predictPrior(learnt.norms, features);
    expect(predicted.columns).toBe(1);
    for (let i = 0; i < items; i++) expect(Math.abs(predicted.values[i] - expectedLog(i))).toBeLessThan(0.01);
  });

  it("measures on warm items by how much the logarithm of a prediction falls short of that", () => {
    const short = meanOver(warm, (i) => logLength(prior, i) - expectedLog(i));
    expect(learnt.shrinkage).toBeCloseTo(short, 2);
    expect(learnt.shrinkage).toBeLessThan(-1);
  });
});

describe("calibrateNorms", () => {
  it("gives back the same factors at strength 0 and balance 0", async () => {
    expect(await calibrated(0, 0)).toEqual(prior);
  });

  it("turns no vector", async () => {
    const full = await calibrated(0.7, 1);
    for (let i = 0; i < items; i++) {
      const cosine = dot(rowOf(full, i), rowOf(prior, i)) / (norm(rowOf(full, i)) * norm(rowOf(prior, i)));
      expect(cosine).toBeCloseTo(1, 5);
    }
  });

  it("gives predicted factors the length (1 - s) log |p| + s m + (s - a) d", async () => {
    for (const [s, a] of [
      [1, 1],
      [0.3, 0],
      [0, 0.6],
      [0.5, 0.25],
    ]) {
      const lengths = await calibrated(s, a);
      for (let i = 0; i < items; i++) {
        const expected = (1 - s) * logLength(prior, i) + s * expectedLog(i) + (s - a) * learnt.shrinkage;
        expect(Math.abs(logLength(lengths, i) - expected)).toBeLessThan(0.01);
      }
    }
  });

  it("lifts at balance 1, whatever the strength, by what predictions fall short; at balance 0 the strength only orders", async () => {
    const lift = async (s: number, a: number) => {
      const lengths = await calibrated(s, a);
      return meanOver(cold, (i) => logLength(lengths, i) - logLength(prior, i));
    };
    const own = meanOver(cold, (i) => logLength(prior, i) - expectedLog(i)) - learnt.shrinkage;
    for (const s of [0, 0.5, 1]) {
      expect(await lift(s, 1)).toBeCloseTo(-learnt.shrinkage - s * own, 1);
      expect(await lift(s, 0)).toBeCloseTo(-s * own, 1);
    }
  });

  it("leaves a vector without length at zero", async () => {
    const zero = { ...prior, values: new Float32Array(items * 5) };
    expect(await calibrated(1, 1, zero)).toEqual(zero);
  });
});

describe("coldScale", () => {
  const times = (factor: number) => ({ ...factors, values: factors.values.map((value) => factor * value) });
  const vectors = { met: factors, predicted: times(0.2), calibrated: times(0.3) };

  it("brings warm items, taken as unmet, to the length of the prediction at level 0 and to their own at level 1", () => {
    expect(coldScale(vectors, support, 0)).toBeCloseTo(0.2 / 0.3, 4);
    expect(coldScale(vectors, support, 1)).toBeCloseTo(1 / 0.3, 4);
    expect(coldScale(vectors, support, 0.5)).toBeCloseTo(Math.sqrt(0.2) / 0.3, 4);
  });

  it("does not look at items without interactions", () => {
    const other = { ...vectors.predicted, values: vectors.predicted.values.slice() };
    for (const i of cold) rowOf(other, i).fill(7);
    expect(coldScale({ ...vectors, predicted: other }, support, 0.3)).toBe(coldScale(vectors, support, 0.3));
  });
});
