/** Cholesky and eigendecomposition: their defining identities on random Gram matrices. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choleskyInPlace, choleskySolveInPlace, eigenOfGram } from "../../../src/math/compute/symmetric.ts";
import type { Matrix } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { dot, largestDifference } from "../../helpers/comparisons.ts";
import { denseSolve } from "../../helpers/matrices.ts";

/** A'A of a random m x n matrix, row-major; singular where m < n. */
function randomGram(seed: number, m: number, n: number): Float64Array {
  const random = createRandom(seed);
  const a = Array.from({ length: m }, () => Array.from({ length: n }, () => random.normal()));
  return Float64Array.from({ length: n * n }, (_, p) =>
    a.reduce((sum, row) => sum + row[Math.floor(p / n)] * row[p % n], 0),
  );
}

const size = fc.record({ seed: fc.integer({ min: 1, max: 1e6 }), n: fc.integer({ min: 1, max: 8 }) });

describe("Cholesky", () => {
  it("gives a lower triangle L with L L' = A, and solves A x = b as elimination does", () => {
    fc.assert(
      fc.property(size, ({ seed, n }) => {
        const a = randomGram(seed, n + 3, n);
        const lower = a.slice();
        choleskyInPlace(lower, n);
        const entry = (i: number, j: number) => (j <= i ? lower[i * n + j] : 0);
        const row = (i: number) => Array.from({ length: n }, (_, j) => entry(i, j));
        const product = Float64Array.from({ length: n * n }, (_, p) => dot(row(Math.floor(p / n)), row(p % n)));
        expect(largestDifference(product, a)).toBeLessThan(1e-10);
        const right = Float64Array.from({ length: n }, (_, i) => Math.sin(seed + i));
        const expected = denseSolve(Array.from(a), Array.from(right));
        choleskySolveInPlace(lower, n, right);
        expect(largestDifference(right, expected)).toBeLessThan(1e-6 * Math.max(1, ...expected.map(Math.abs)));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["is not definite", [1, 0, 0, -1], "pivot 1 is -1"],
    ["has a zero row", [0, 0, 0, 1], "pivot 0 is 0"],
    ["holds what is no number", [Number.NaN, 0, 0, 1], "pivot 0 is NaN"],
  ])("refuses a matrix that %s and names the pivot", (_case, values, place) => {
    expect(() => choleskyInPlace(Float64Array.from(values), 2)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(place) }),
    );
  });
});

describe("eigenOfGram", () => {
  const gramOf = (seed: number, m: number, n: number): Matrix<Float64Array> => ({
    rows: n,
    columns: n,
    values: randomGram(seed, m, n),
  });
  const columnOf = ({ rows, values }: Matrix<Float64Array>, j: number) =>
    Array.from({ length: rows }, (_, i) => values[i * rows + j]);

  it("gives an orthonormal basis in descending order that turns the Gram diagonal", () => {
    fc.assert(
      fc.property(size, ({ seed, n }) => {
        const gram = gramOf(seed, n + 2, n);
        const { values, vectors } = eigenOfGram(gram);
        expect([...values]).toEqual([...values].sort((a, b) => b - a));
        for (let j = 0; j < n; j++) {
          const vector = columnOf(vectors, j);
          const image = Array.from({ length: n }, (_, i) => dot(gram.values.subarray(i * n, (i + 1) * n), vector));
          expect(
            largestDifference(
              image,
              vector.map((value) => values[j] * value),
            ),
          ).toBeLessThan(1e-9);
          for (let other = 0; other <= j; other++) {
            expect(Math.abs(dot(vector, columnOf(vectors, other)) - Number(other === j))).toBeLessThan(1e-10);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("has no negative eigenvalue where the Gram is singular", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { values } = eigenOfGram(gramOf(seed, 2, 6));
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(values[2]).toBeLessThan(1e-10);
    }
  });

  it("gives every vector the sign by which its largest component is positive", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { vectors } = eigenOfGram(gramOf(seed, 7, 5));
      for (let j = 0; j < 5; j++) {
        const vector = columnOf(vectors, j);
        expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
      }
    }
  });
});
