import { describe, expect, it } from "vitest";
import type { Matrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { latentMap } from "../../src/report/latent-map.ts";
import type { Progress } from "../../src/run-context.ts";

const settings = { seed: 5, neighbours: 8, epochs: 60 };

describe("the latent map", () => {
  it("keeps items of one cluster together, inside the unit square", async () => {
    const points = await latentMap("map", clusters(3, 20), settings);
    expect(points).toHaveLength(60);
    for (const [x, y] of points) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x, y)).toBeLessThanOrEqual(1);
    }
    for (const i of points.keys()) expect(nearest(points, i) % 3).toBe(i % 3);
  });

  it("is the same for the same seed, and another for another", async () => {
    const vectors = clusters(3, 10);
    const first = await latentMap("map", vectors, settings);
    expect(await latentMap("map", vectors, settings)).toEqual(first);
    expect(await latentMap("map", vectors, { ...settings, seed: 6 })).not.toEqual(first);
  });

  it("says how far it is, and stops when the run is cancelled", async () => {
    const seen: Progress[] = [];
    await latentMap("map", clusters(2, 10), settings, { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ stage: "map", done: 60, total: 60 });
    const cancelled = latentMap("map", clusters(2, 10), settings, { signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it("has nothing to show for three items or fewer", async () => {
    expect(await latentMap("map", clusters(1, 3), settings)).toEqual([]);
  });
});

/** Row i belongs to cluster i mod `count`. */
function clusters(count: number, size: number): Matrix {
  const random = createRandom(1);
  const rows = count * size;
  const value = (i: number) => (i % 6 === Math.floor(i / 6) % count ? 10 : 0) + random.normal();
  return { rows, columns: 6, values: Float32Array.from({ length: rows * 6 }, (_, i) => value(i)) };
}

function nearest(points: readonly (readonly number[])[], i: number): number {
  const distance = (j: number) =>
    j === i ? Infinity : Math.hypot(points[j][0] - points[i][0], points[j][1] - points[i][1]);
  return [...points.keys()].reduce((best, j) => (distance(j) < distance(best) ? j : best));
}
