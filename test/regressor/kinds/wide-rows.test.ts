/** Products with the rows of a ridge on sparse features, against rows that are written out. */
import { describe, expect, it } from "vitest";
import type { FeatureBlock } from "../../../src/data/feature-matrix.ts";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { createRandom } from "../../../src/math/random.ts";
import { wideRows } from "../../../src/regressor/kinds/ridge/wide-rows.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { randomMatrix, randomSparse } from "../../helpers/matrices.ts";

const block: FeatureBlock = { name: "words", kind: "fields", offset: 1, dimension: 2, weight: 0.5, isReduced: true };

/** X X'V with X centred by its weighted mean and multiplied by the roots, entry by entry. */
function written(x: number[][], weights: Float64Array, v: number[][]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = x[0].map((_, j) => x.reduce((sum, row, i) => sum + weights[i] * row[j], 0) / total);
  const centred = x.map((row, i) => row.map((value, j) => Math.sqrt(weights[i]) * (value - mean[j])));
  const across = centred[0].map((_, j) =>
    v[0].map((_, d) => centred.reduce((sum, row, i) => sum + row[j] * v[i][d], 0)),
  );
  return centred.flatMap((row) => v[0].map((_, d) => row.reduce((sum, value, j) => sum + value * across[j][d], 0)));
}

describe("rows of columns and terms", () => {
  it.each([5, 6, 7, 8, 9])("have the products of what they stand for: %i rows", async (n) => {
    const random = createRandom(n);
    const [x, v, sparse] = [randomMatrix(random, n, 4), randomMatrix(random, n, 3), randomSparse(random, n, 6, 3)];
    const weights = Float64Array.from({ length: n }, () => 0.5 + random.next());
    const rows = wideRows({ x, weights, sparse, y: v }, block, defaultBackend());
    const terms = Array.from({ length: n }, (_, i) => {
      const row = new Array<number>(6).fill(0);
      for (let p = sparse.indptr[i]; p < sparse.indptr[i + 1]; p++) row[sparse.indices[p]] = 0.5 * sparse.values[p];
      return row;
    });
    const lines = (matrix: { columns: number; values: Float32Array }) =>
      Array.from({ length: n }, (_, i) =>
        Array.from(matrix.values.slice(i * matrix.columns, (i + 1) * matrix.columns)),
      );
    const whole = lines(x).map(([first, , , last], i) => [first, last, ...terms[i]]);
    const product = await rows.gramTimes(v);
    expect(largestDifference(product.values, written(whole, weights, lines(v)))).toBeLessThan(1e-4);
  });
});
