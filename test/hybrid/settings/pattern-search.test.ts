/** Pattern search on surfaces whose top is known. */
import { describe, expect, it } from "vitest";
import { searchGrid } from "../../../src/hybrid/settings/pattern-search.ts";

const grid = { x: [0, 1, 2, 3, 4, 5], y: [-2, -1, 0, 1, 2] };

/** What it found, and what it asked. */
async function climb(surface: (x: number, y: number) => number, starts = [{ x: 0, y: 0 }], trials = 60) {
  const asked: string[] = [];
  const found = await searchGrid(grid, { starts, order: ["x", "y"], trials }, async ({ x, y }) => {
    asked.push(`${x} ${y}`);
    return { objective: surface(x, y) };
  });
  const best = found.reduce((a, b) => (b.figures.objective > a.figures.objective ? b : a));
  return { best: best.point, found, asked };
}

describe("searchGrid", () => {
  it("reaches the top of a hill from any corner", async () => {
    const hill = (x: number, y: number) => -((x - 3) ** 2) - (y + 1) ** 2 - 0.5 * (x - 3) * (y + 1);
    for (const start of [
      { x: 0, y: 2 },
      { x: 5, y: -2 },
      { x: 0, y: -2 },
    ]) {
      expect((await climb(hill, [start])).best).toEqual({ x: 3, y: -1 });
    }
  });

  it("takes the higher of two hills when a start stands at each", async () => {
    const hills = (x: number, y: number) => Math.max(1 - Math.abs(x) - Math.abs(y), 2 - Math.abs(x - 5) - Math.abs(y));
    expect((await climb(hills, [{ x: 0, y: 0 }])).best).toEqual({ x: 0, y: 0 });
    const both = [
      { x: 0, y: 0 },
      { x: 5, y: 1 },
    ];
    expect((await climb(hills, both)).best).toEqual({ x: 5, y: 0 });
  });

  it("measures no point twice, and no more points than allowed", async () => {
    const rising = (x: number, y: number) => x + y;
    const { asked } = await climb(rising);
    expect(new Set(asked).size).toBe(asked.length);
    expect((await climb(rising, [{ x: 0, y: -2 }], 4)).asked).toHaveLength(4);
  });

  it("begins at the nearest point of the grid, and reports every point in order", async () => {
    const { asked, found } = await climb(() => 0, [{ x: 2.4, y: 9 }]);
    expect(asked[0]).toBe("2 2");
    expect(found.map(({ point: { x, y } }) => `${x} ${y}`)).toEqual(asked);
  });

  it("keeps a coordinate that has one value", async () => {
    const found = await searchGrid(
      { x: [7], y: [0, 1] },
      { starts: [{ x: 0, y: 0 }], order: ["x", "y"], trials: 9 },
      async ({ y }) => ({ objective: y }),
    );
    expect(found.map(({ point }) => point)).toEqual([
      { x: 7, y: 0 },
      { x: 7, y: 1 },
    ]);
  });
});
