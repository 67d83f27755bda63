/** Lengths of new items as bundles of earlier formats set them: the formula and its ends. */
import { beforeAll, describe, expect, it } from "vitest";
import { calibrateNorms, type NormCalibration } from "../../src/hybrid/norm-calibration.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { fitRegressor } from "../../src/regressor/regressor.ts";
import { dot, norm } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const items = 80;
const random = createRandom(2);
const features = featureBlocks(randomMatrix(random, items, 3), [{ name: "text", dimension: 3 }]);
const expectedLog = (i: number) => 0.5 * rowOf(features.values, i)[0] - rowOf(features.values, i)[2];
const logLength = (matrix: Matrix, i: number) => Math.log(norm(rowOf(matrix, i)));
const prior = randomMatrix(random, items, 5);
const shrinkage = -1.3;
let learnt: NormCalibration;

beforeAll(async () => {
  const lengths = { rows: items, columns: 1, values: Float32Array.from({ length: items }, (_, i) => expectedLog(i)) };
  const norms = await fitRegressor({ features, factors: lengths, support: new Uint32Array(items).fill(9) });
  learnt = { norms, shrinkage, calibration: 0, coldBalance: 0, coldScale: 1 };
});

const calibrated = (calibration: number, coldBalance: number, matrix: Matrix = prior) =>
  calibrateNorms(matrix, features, { ...learnt, calibration, coldBalance }, {});

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
        const expected = (1 - s) * logLength(prior, i) + s * expectedLog(i) + (s - a) * shrinkage;
        expect(Math.abs(logLength(lengths, i) - expected)).toBeLessThan(0.01);
      }
    }
  });

  it("leaves a vector without length at zero", async () => {
    const zero = { ...prior, values: new Float32Array(items * 5) };
    expect(await calibrated(1, 1, zero)).toEqual(zero);
  });
});
