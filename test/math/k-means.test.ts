import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kMeans } from "../../src/math/k-means.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";

function rowsAround(seed: number, rows: number, centers: readonly (readonly number[])[], noise: number) {
  const random = createRandom(seed);
  const values = Float32Array.from({ length: rows * 2 }, (_, p) => {
    return centers[Math.floor(p / 2) % centers.length][p % 2] + noise * random.normal();
  });
  return { rows, columns: 2, values };
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;

describe("k-means", () => {
  it("finds groups that lie apart", async () => {
    const rows = rowsAround(
      1,
      60,
      [
        [0, 0],
        [9, 0],
        [0, 9],
      ],
      0.3,
    );
    const { clusterOf } = await kMeans(rows, { clusters: 3, iterations: 50, seed: 1 });
    for (let i = 0; i < 60; i++) expect(clusterOf[i]).toBe(clusterOf[i % 3]);
    expect(new Set(clusterOf).size).toBe(3);
  });

  it("ends where every row is nearest to its centre and every centre is the mean of its rows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 6 }), async (seed, clusters) => {
        const rows = rowsAround(seed, 40, [[0, 0]], 1);
        const { centers, clusterOf, inertia } = await kMeans(rows, { clusters, iterations: 200, seed });
        let sum = 0;
        for (let i = 0; i < 40; i++) {
          const own = distance(rowOf(rows, i), rowOf(centers, clusterOf[i]));
          sum += own;
          for (let c = 0; c < centers.rows; c++)
            expect(own).toBeLessThan(distance(rowOf(rows, i), rowOf(centers, c)) + 1e-4);
        }
        expect(inertia).toBeCloseTo(sum, 3);
        for (let c = 0; c < centers.rows; c++) {
          const own = [...clusterOf.keys()].filter((i) => clusterOf[i] === c);
          for (const d of [0, 1]) {
            const mean = own.reduce((total, i) => total + rows.values[2 * i + d], 0) / own.length;
            expect(centers.values[2 * c + d]).toBeCloseTo(mean, 4);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  it("gives fewer clusters where fewer rows differ, and the same for the same seed", async () => {
    const rows = rowsAround(
      1,
      12,
      [
        [0, 0],
        [1, 1],
      ],
      0,
    );
    const run = () => kMeans(rows, { clusters: 5, iterations: 10, seed: 3 });
    expect((await run()).centers.rows).toBe(2);
    expect(await run()).toEqual(await run());
  });

  it("refuses no rows", async () => {
    const none = { rows: 0, columns: 2, values: new Float32Array(0) };
    await expect(kMeans(none, { clusters: 2, iterations: 5, seed: 1 })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});
