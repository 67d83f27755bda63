/** The nearest orthogonal map, against maps that are known and maps nearby. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { transpose } from "../../src/math/linear-map.ts";
import { type Matrix, zeros } from "../../src/math/matrix.ts";
import { orthogonalMap } from "../../src/math/procrustes.ts";
import { createRandom, type Random } from "../../src/math/random.ts";
import { distance, largestDifference } from "../helpers/comparisons.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const backend = defaultBackend();
const times = (a: Matrix, b: Matrix) => backend.multiplyTransposed(a, transpose(b));

/** Gram-Schmidt on random rows. */
function randomRotation(random: Random, d: number): Matrix {
  const matrix = randomMatrix(random, d, d);
  for (let i = 0; i < d; i++) {
    const row = matrix.values.subarray(i * d, (i + 1) * d);
    for (let j = 0; j < i; j++) {
      const other = matrix.values.subarray(j * d, (j + 1) * d);
      const product = row.reduce((sum, value, k) => sum + value * other[k], 0);
      for (let k = 0; k < d; k++) row[k] -= product * other[k];
    }
    const length = Math.hypot(...row);
    for (let k = 0; k < d; k++) row[k] /= length;
  }
  return matrix;
}

function identity(n: number): Matrix {
  const matrix = zeros(n, n);
  for (let i = 0; i < n; i++) matrix.values[i * n + i] = 1;
  return matrix;
}

describe("the nearest orthogonal map", () => {
  it("finds the rotation that was applied, whatever the scales of the columns", async () => {
    const run = async (seed: number) => {
      const random = createRandom(seed);
      const a = randomMatrix(random, 60, 8);
      for (const p of a.values.keys()) a.values[p] *= 1.7 ** -(p % 8);
      const rotation = randomRotation(random, 8);
      const map = await orthogonalMap(a, await times(a, rotation), backend);
      expect(largestDifference(map.values, rotation.values)).toBeLessThan(0.02);
      expect(largestDifference((await times(a, map)).values, (await times(a, rotation)).values)).toBeLessThan(1e-3);
    };
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), run), { numRuns: 15 });
  });

  it("is orthogonal and no farther than any rotation nearby, where no rotation is right", async () => {
    const random = createRandom(3);
    const [a, b] = [randomMatrix(random, 40, 6), randomMatrix(random, 40, 6)];
    const map = await orthogonalMap(a, b, backend);
    expect(largestDifference((await backend.multiplyTransposed(map, map)).values, identity(6).values)).toBeLessThan(
      1e-5,
    );
    const reached = distance((await times(a, map)).values, b.values);
    for (let trial = 0; trial < 20; trial++) {
      const [angle, i] = [0.1 * random.normal(), random.integer(5)];
      const turn = identity(6);
      turn.values.set([Math.cos(angle), Math.sin(angle)], i * 6 + i);
      turn.values.set([-Math.sin(angle), Math.cos(angle)], (i + 1) * 6 + i);
      expect(reached).toBeLessThanOrEqual(distance((await times(a, await times(map, turn))).values, b.values) + 1e-4);
    }
  });

  it("stays orthogonal with fewer rows than columns, between lengths, and for nothing at all", async () => {
    const random = createRandom(4);
    for (const [rows, from, to] of [
      [3, 8, 8],
      [50, 4, 9],
      [50, 9, 4],
      [0, 5, 5],
    ]) {
      const map = await orthogonalMap(randomMatrix(random, rows, from), randomMatrix(random, rows, to), backend);
      expect([map.rows, map.columns]).toEqual([from, Math.max(from, to)]);
      const square = await backend.multiplyTransposed(map, map);
      expect(largestDifference(square.values, identity(from).values)).toBeLessThan(1e-5);
    }
  });
});
