import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { geometricMean } from "../../src/math/geometric-mean.ts";
import type { Matrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const backend = defaultBackend();

const square = (values: readonly number[]): Matrix<Float64Array> => {
  const n = Math.sqrt(values.length);
  return { rows: n, columns: n, values: Float64Array.from(values) };
};

function expectNear(a: Matrix<Float64Array>, b: Matrix<Float64Array>, tolerance: number): void {
  const size = Math.max(...b.values.map(Math.abs));
  for (const [p, value] of a.values.entries()) expect(Math.abs(value - b.values[p])).toBeLessThan(tolerance * size);
}

describe("geometricMean", () => {
  it("is the root of the product where the two commute", async () => {
    const mean = await geometricMean(square([4, 0, 0, 9]), square([16, 0, 0, 1]), backend);
    expectNear(mean, square([8, 0, 0, 3]), 1e-6);
  });

  it("of a matrix with itself is the matrix, and with its inverse the identity", async () => {
    const a = square([2, 1, 1, 3]);
    expectNear(await geometricMean(a, a, backend), a, 1e-5);
    expectNear(await geometricMean(a, square([0.6, -0.2, -0.2, 0.4]), backend), square([1, 0, 0, 1]), 1e-5);
  });

  it("is the same either way round, and solves X A^-1 X = B", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const random = createRandom(seed);
        const [a, b] = [
          await backend.gram(randomMatrix(random, 30, 4)),
          await backend.gram(randomMatrix(random, 30, 4)),
        ];
        const mean = await geometricMean(a, b, backend);
        expectNear(mean, await geometricMean(b, a, backend), 1e-4);
        const identity = square(Array.from({ length: 16 }, (_, p) => Number(p % 5 === 0)));
        // (A + s I)^-1 X with a shift that does not matter.
        const [solved] = await backend.solveShifted(a, mean, [1e-9]);
        const product = identity.values.map((_, p) => {
          const [i, j] = [Math.floor(p / 4), p % 4];
          return [0, 1, 2, 3].reduce((sum, m) => sum + mean.values[i * 4 + m] * solved.values[m * 4 + j], 0);
        });
        expectNear({ ...b, values: product }, b, 1e-3);
      }),
      { numRuns: 20 },
    );
  });

  it("stays finite where a matrix has no inverse", async () => {
    const mean = await geometricMean(square([1, 0, 0, 0]), square([4, 0, 0, 9]), backend);
    expect(mean.values[0]).toBeCloseTo(2, 5);
    expect(mean.values.every(Number.isFinite)).toBe(true);
    const none = await geometricMean(square([0, 0, 0, 0]), square([4, 0, 0, 9]), backend);
    expect(none.values.every(Number.isFinite)).toBe(true);
  });
});
