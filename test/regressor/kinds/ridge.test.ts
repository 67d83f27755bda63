/** Ridge in closed form: both forms against dense normal equations. */
import { describe, expect, it } from "vitest";
import { standardise } from "../../../src/data/feature-matrix.ts";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { type Matrix, rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { solveRidge } from "../../../src/regressor/kinds/ridge/ridge-regression.ts";
import { fitRegressor, predictPrior } from "../../../src/regressor/regressor.ts";
import { centredRows, weightedMean } from "../../../src/regressor/training-set.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { featureBlocks } from "../../helpers/feature-blocks.ts";
import { denseSolve, randomMatrix, sparseOf } from "../../helpers/matrices.ts";
import { asRidge } from "../../helpers/regressors.ts";

const at = ({ values, columns }: Matrix, i: number, j: number) => values[i * columns + j];
const span = (n: number) => Array.from({ length: n }, (_, i) => i);
const sumOver = (n: number, term: (i: number) => number) => span(n).reduce((sum, i) => sum + term(i), 0);

/** (X'X + s I)^-1 X'Y, one output at a time: features x outputs. */
function primal(x: Matrix, y: Matrix, shift: number): number[] {
  const d = x.columns;
  const left = span(d * d).map((p) => {
    const [a, b] = [Math.floor(p / d), p % d];
    return sumOver(x.rows, (i) => at(x, i, a) * at(x, i, b)) + (a === b ? shift : 0);
  });
  const columns = span(y.columns).map((output) => {
    const right = span(d).map((a) => sumOver(x.rows, (i) => at(x, i, a) * at(y, i, output)));
    return denseSolve(left, right);
  });
  return span(d).flatMap((a) => columns.map((column) => column[a]));
}

/** X'(XX' + s I)^-1 Y. */
function dual(x: Matrix, y: Matrix, shift: number): number[] {
  const n = x.rows;
  const left = span(n * n).map((p) => {
    const [i, j] = [Math.floor(p / n), p % n];
    return sumOver(x.columns, (a) => at(x, i, a) * at(x, j, a)) + (i === j ? shift : 0);
  });
  const columns = span(y.columns).map((output) => {
    const right = span(n).map((i) => at(y, i, output));
    return denseSolve(left, right);
  });
  return span(x.columns).flatMap((a) => columns.map((column) => sumOver(n, (i) => at(x, i, a) * column[i])));
}

describe.each([
  ["more items than features", 30, 6],
  ["more features than items", 7, 24],
  ["as many features as items", 9, 9],
])("ridge with %s", (_case, rows, columns) => {
  it("solves the normal equations in their primal and in their dual form, for every shift", async () => {
    const random = createRandom(5);
    const x = randomMatrix(random, rows, columns);
    const y = randomMatrix(random, rows, 3);
    const shifts = [0.3, 20];
    const maps = await solveRidge(x, y, shifts, defaultBackend());
    for (const [s, shift] of shifts.entries()) {
      expect(largestDifference(maps[s].values, primal(x, y, shift))).toBeLessThan(2e-5);
      expect(largestDifference(maps[s].values, dual(x, y, shift))).toBeLessThan(2e-5);
    }
  });
});

describe("ridge on sparse rows", () => {
  const random = createRandom(12);
  const items = 40;
  const raw = randomMatrix(random, items, 5);
  const shapes = [
    { name: "text", dimension: 2, weight: 2 },
    { name: "fields", dimension: 3, weight: 0.5 },
  ];
  const features = featureBlocks(raw, shapes, (row, block) => block === 1 || row % 5 > 0);
  const dense = randomMatrix(random, items, 6);
  for (let p = 0; p < dense.values.length; p++) if (p % 4 === 0) dense.values[p] = 0;
  const sparse = sparseOf(dense, (i, j) => at(dense, i, j) !== 0);
  const wide = { ...features, blocks: [features.blocks[0], { ...features.blocks[1], isReduced: true }], sparse };
  const factors = randomMatrix(random, items, 3);
  const support = Float64Array.from({ length: items }, (_, i) => 1 + (i % 4));

  it.each([0, 1])(
    "is the ridge on its standardised columns and the sparse ones side by side (support^%d)",
    async (supportExponent) => {
      const regressor = await fitRegressor(
        { features: wide, factors, support },
        { regularization: 0.03, supportExponent },
      );
      const z = standardise(wide, regressor.standardisation);
      // text and the presence bits, then the sparse columns at the weight of their block.
      const seen = { rows: items, columns: 10, values: new Float32Array(items * 10) };
      for (let i = 0; i < items; i++) {
        seen.values.set(rowOf(z, i).subarray(0, 2), i * 10);
        seen.values.set(rowOf(z, i).subarray(5, 7), i * 10 + 2);
        for (let j = 0; j < 6; j++) seen.values[i * 10 + 4 + j] = 0.5 * dense.values[i * 6 + j];
      }
      const weights = Float64Array.from(support, (count) => count ** supportExponent);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const centre = (matrix: Matrix): Matrix => centredRows(matrix, weightedMean(matrix, weights), weights);
      const map = primal(centre(seen), centre(factors), 0.03 * total);
      const [meanX, meanY] = [weightedMean(seen, weights), weightedMean(factors, weights)];
      const expected = span(items * 3).map((p) => {
        const [i, d] = [Math.floor(p / 3), p % 3];
        return meanY[d] + sumOver(10, (j) => (at(seen, i, j) - meanX[j]) * map[j * 3 + d]);
      });
      const prior = await predictPrior(regressor, wide);
      expect(largestDifference(prior.values, expected)).toBeLessThan(2e-2 * Math.max(...expected.map(Math.abs)));
    },
  );

  it("has no weights on the columns that stand for the rows, and reads its penalty from one run", async () => {
    const regressor = asRidge(await fitRegressor({ features: wide, factors, support }));
    expect(regressor.trials).toHaveLength(8);
    expect(regressor.terms).toMatchObject({ rows: 6, columns: 3 });
    for (const j of [2, 3, 4]) expect([...rowOf(regressor.weights, j)]).toEqual([0, 0, 0]);
  });
});
