/** What a prediction misses, against the definitions written out. */
import { describe, expect, it } from "vitest";
import type { FeatureBlock } from "../../src/data/feature-matrix.ts";
import type { Matrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { missingBlockInflation, residualVariance, squaredError } from "../../src/regressor/residuals.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const matrix = (...rows: number[][]): Matrix => ({
  rows: rows.length,
  columns: rows[0].length,
  values: Float32Array.from(rows.flat()),
});

const prediction = matrix([1, 2], [3, 5], [0, 0]);
const truth = matrix([0, 2], [3, 1], [2, -1]);

describe("held-out residuals", () => {
  it("are summed over dimensions and averaged over items: plain, or in a metric", () => {
    expect(squaredError(prediction, truth)).toBeCloseTo((1 + 16 + 5) / 3, 10);
    const metric = { rows: 2, columns: 2, values: Float64Array.of(2, -1, -1, 3) };
    const inMetric = [2, 3 * 16, 2 * 4 + 2 * 2 + 3];
    expect(squaredError(prediction, truth, metric)).toBeCloseTo((inMetric[0] + inMetric[1] + inMetric[2]) / 3, 10);
  });

  it("are d'Md in a metric of any width", () => {
    for (let k = 1; k <= 9; k++) {
      const random = createRandom(k);
      const [p, h, m] = [randomMatrix(random, 3, k), randomMatrix(random, 3, k), randomMatrix(random, k, k)];
      const metric = { ...m, values: Float64Array.from(m.values) };
      let sum = 0;
      for (let i = 0; i < 3; i++) {
        const d = Array.from({ length: k }, (_, j) => p.values[i * k + j] - h.values[i * k + j]);
        for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) sum += d[a] * metric.values[a * k + b] * d[b];
      }
      expect(squaredError(p, h, metric)).toBeCloseTo(sum / 3, 10);
    }
  });

  it("have a mean square in every dimension", () => {
    const [first, second] = residualVariance(prediction, truth);
    expect(first).toBeCloseTo((1 + 0 + 4) / 3, 10);
    expect(second).toBeCloseTo((0 + 16 + 1) / 3, 10);
  });
});

describe("missing blocks", () => {
  const blocks: FeatureBlock[] = [
    { name: "a", kind: "text", offset: 0, dimension: 1, weight: 1 },
    { name: "b", kind: "attributes", offset: 1, dimension: 2, weight: 1 },
  ];
  /** Columns a, b, b, then the presence bits of a and b. */
  const x = matrix([2, 1, 3, 1, 1], [4, 5, 1, 1, 1]);
  /** Reads every column, the bits too: sum of (j + 1) x_j. */
  const weighted = async ({ rows, columns, values }: Matrix): Promise<Matrix> => ({
    rows,
    columns: 1,
    values: Float32Array.from({ length: rows }, (_, i) =>
      values.subarray(i * columns, (i + 1) * columns).reduce((sum, value, j) => sum + (j + 1) * value, 0),
    ),
  });

  const inflationOf = async (y: Matrix) =>
    missingBlockInflation({ x, y }, blocks, squaredError(await weighted(x), y), (inputs) => weighted(inputs.x));

  it("are judged with their columns and their presence bit blanked, against the error with them", async () => {
    const whole = (await weighted(x)).values;
    const y = { rows: 2, columns: 1, values: whole.map((value) => value - 1) };
    const [a, b] = await inflationOf(y);
    expect(a).toBeCloseTo(((1 - (2 + 4)) ** 2 + (1 - (4 + 4)) ** 2) / 2, 5);
    expect(b).toBeCloseTo(((1 - (2 * 1 + 3 * 3 + 5)) ** 2 + (1 - (2 * 5 + 3 * 1 + 5)) ** 2) / 2, 5);
  });

  it("never count as less than 1, where the block did harm or nothing was missed", async () => {
    const withoutA = { rows: 2, columns: 1, values: (await weighted(x)).values.map((value, i) => value - [6, 8][i]) };
    expect((await inflationOf(withoutA))[0]).toBe(1);
    expect(Array.from(await inflationOf(await weighted(x)))).toEqual([1, 1]);
  });
});
