import { describe, expect, it } from "vitest";
import { reduceVectors } from "../../src/app/reduced-vectors.ts";
import { type Matrix, rowOf, zeros } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";

describe("reduceVectors", () => {
  it("keeps every cosine when the vectors lie in a space of that dimension", async () => {
    const vectors = planted(60, 12, 4, 0);
    const { vectors: reduced, kept } = await reduceVectors(vectors, 4);
    expect(reduced.columns).toBe(4);
    expect(kept).toBeCloseTo(1, 5);
    for (let i = 1; i < 60; i++) expect(cosine(reduced, 0, i)).toBeCloseTo(cosine(vectors, 0, i), 4);
  });

  it("keeps the directions that hold most, and says how much", async () => {
    const { vectors: reduced, kept } = await reduceVectors(planted(200, 20, 5, 0.05), 5);
    expect(reduced.columns).toBe(5);
    expect(kept).toBeGreaterThan(0.9);
    expect(kept).toBeLessThan(1);
  });

  it("counts a long row no more than a short one", async () => {
    const vectors = zeros(3, 3);
    vectors.values.set([1000, 0, 0, 0, 1, 0.1, 0, 1, -0.1]);
    const { vectors: reduced } = await reduceVectors(vectors, 2);
    expect(cosine(reduced, 1, 2)).toBeGreaterThan(0.98);
    expect(Math.abs(cosine(reduced, 0, 1))).toBeLessThan(0.02);
  });

  it("returns the vectors untouched when they are short enough already", async () => {
    const vectors = planted(5, 3, 3, 0);
    expect((await reduceVectors(vectors, 3)).vectors).toBe(vectors);
    expect((await reduceVectors(vectors, 64)).kept).toBe(1);
  });

  it("leaves rows of zeros at zero", async () => {
    const vectors = planted(10, 6, 2, 0);
    vectors.values.fill(0, 0, 6);
    const { vectors: reduced } = await reduceVectors(vectors, 2);
    expect(Array.from(rowOf(reduced, 0))).toEqual([0, 0]);
    expect(reduced.values.every(Number.isFinite)).toBe(true);
  });
});

/** Rows in a random subspace of the given rank, plus noise. */
function planted(rows: number, columns: number, rank: number, noise: number): Matrix {
  const random = createRandom(3);
  const basis = Array.from({ length: rank }, () => Array.from({ length: columns }, () => random.normal()));
  const matrix = zeros(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (const direction of basis) {
      const weight = random.normal();
      for (let j = 0; j < columns; j++) matrix.values[i * columns + j] += weight * direction[j];
    }
    for (let j = 0; j < columns; j++) matrix.values[i * columns + j] += noise * random.normal();
  }
  return matrix;
}

function cosine(matrix: Matrix, a: number, b: number): number {
  const [u, v] = [rowOf(matrix, a), rowOf(matrix, b)];
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, j) => sum + value * y[j], 0);
  return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
}
