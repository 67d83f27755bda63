/** Lengths of rows, and rows brought to another length. */
import { describe, expect, it } from "vitest";
import { rowRange } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { scaleRows, squaredNorms, unitRows } from "../../src/math/row-norms.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const matrix = { rows: 3, columns: 2, values: Float32Array.of(3, 4, 0, 0, -5, 12) };

describe("row norms", () => {
  it("are sums of squares in float64, whatever float32 would have rounded away", () => {
    expect(squaredNorms(matrix)).toEqual(Float64Array.of(25, 0, 169));
    const long = { rows: 1, columns: 1 << 16, values: new Float32Array(1 << 16).fill(0.1) };
    expect(squaredNorms(long)[0]).toBeCloseTo((1 << 16) * Math.fround(0.1) ** 2, 8);
  });

  it("are those of each row alone, to the bit, however many rows there are", () => {
    for (let rows = 0; rows <= 9; rows++) {
      const many = randomMatrix(createRandom(3), rows, 7);
      const alone = Array.from({ length: rows }, (_, i) => squaredNorms(rowRange(many, i, i + 1))[0]);
      expect(Array.from(squaredNorms(many))).toEqual(alone);
    }
  });

  it("become 1, except of rows of zeros, which stay", () => {
    const unit = unitRows(matrix);
    expect(Array.from(squaredNorms(unit))).toEqual([expect.closeTo(1, 6), 0, expect.closeTo(1, 6)]);
    expect(unit.values[0] / unit.values[1]).toBeCloseTo(3 / 4, 6);
  });

  it("leave the rows they were taken of as they were", () => {
    const before = matrix.values.slice();
    expect(scaleRows(matrix, [2, 7, -1]).values).toEqual(Float32Array.of(6, 8, 0, 0, 5, -12));
    expect(matrix.values).toEqual(before);
  });
});
