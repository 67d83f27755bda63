/** The places of a list: reserved, capped and unlike, against what a naive reading of each rule says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrange } from "../../src/rules/arrangement.ts";
import { hashOf, standardNormal } from "../../src/rules/draws.ts";

const ranked = (rows: readonly number[]) => rows.map((row, place) => ({ row, score: rows.length - place }));
const rowsOf = (hits: readonly { readonly row: number }[]) => hits.map(({ row }) => row);
const plain = { caps: [], lanes: [] };

describe("arrangement", () => {
  it("without rules is the order of the candidates", () => {
    expect(rowsOf(arrange(plain, { main: ranked([4, 2, 9]), kept: [], listed: [] }, 2))).toEqual([4, 2]);
  });

  it("lists no more of one key than a cap allows, and takes the next best", () => {
    const brand = new Map([
      [0, ["a"]],
      [1, ["a"]],
      [2, ["a", "b"]],
      [3, ["b"]],
      [4, []],
    ]);
    const cap = { keysOf: (row: number) => brand.get(row) ?? [], maximum: 1 };
    const found = arrange({ ...plain, caps: [cap] }, { main: ranked([0, 1, 2, 3, 4]), kept: [], listed: [] }, 5);
    expect(rowsOf(found)).toEqual([0, 3, 4]);
  });

  it("keeps of the first n places n times the share, whatever the shares of several lanes", () => {
    const share = fc.integer({ min: 0, max: 5 }).map((tenth) => tenth / 10);
    fc.assert(
      fc.property(share, share, (a, b) => {
        const lanes = [
          { flags: new Uint8Array(), share: a },
          { flags: new Uint8Array(), share: b },
        ];
        const pool = (from: number) => ranked(Array.from({ length: 40 }, (_, i) => from + i));
        const found = rowsOf(
          arrange({ caps: [], lanes }, { main: pool(0), kept: [pool(100), pool(200)], listed: [] }, 20),
        );
        for (let n = 1; n <= found.length; n++) {
          const kept = found.slice(0, n).filter((row) => row >= 100).length;
          expect(kept).toBe(Math.floor((a + b) * n + 1e-9));
        }
        const ofFirst = found.filter((row) => row >= 100 && row < 200).length;
        expect(Math.abs(ofFirst - a * 20)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("with diversity is maximal marginal relevance", () => {
    const directions = { rows: 4, columns: 2, values: Float32Array.of(1, 0, 1, 0, 0, 1, 0.6, 0.8) };
    const main = ranked([0, 1, 2, 3]);
    for (const weight of [0, 0.3, 0.7, 1]) {
      const listed: number[] = [];
      const worthOf = (row: number) => {
        const relevance = (main[row].score - 1) / 3;
        const cosine = (a: number, b: number) =>
          directions.values[2 * a] * directions.values[2 * b] +
          directions.values[2 * a + 1] * directions.values[2 * b + 1];
        const nearest = listed.length === 0 ? 0 : Math.max(...listed.map((other) => cosine(row, other)));
        return (1 - weight) * relevance - weight * nearest;
      };
      while (listed.length < 4) {
        const left = [0, 1, 2, 3].filter((row) => !listed.includes(row));
        listed.push(left.reduce((best, row) => (worthOf(row) > worthOf(best) + 1e-9 ? row : best)));
      }
      const found = arrange({ ...plain, diversity: { weight, directions } }, { main, kept: [], listed: [] }, 4);
      expect(rowsOf(found)).toEqual(listed);
    }
  });

  it("goes on where a list was left, and counts what stands there", () => {
    const cap = { keysOf: () => ["one"], maximum: 3 };
    const standing = ranked([7, 8]);
    const found = arrange({ ...plain, caps: [cap] }, { main: ranked([8, 1, 2]), kept: [], listed: standing }, 5);
    expect(rowsOf(found)).toEqual([7, 8, 1]);
  });
});

describe("draws", () => {
  it("follow from the text alone, and are standard normal", () => {
    const draws = Array.from({ length: 20_000 }, (_, n) => standardNormal(hashOf("1 2026-01-31 u7"), n));
    expect(draws[3]).toBe(standardNormal(hashOf("1 2026-01-31 u7"), 3));
    expect(draws[3]).not.toBe(standardNormal(hashOf("1 2026-02-01 u7"), 3));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    const within = draws.filter((draw) => Math.abs(draw) < 1.96).length / draws.length;
    expect(within).toBeCloseTo(0.95, 2);
  });
});
