/** Reserved places: where launched items stand in a list, that nobody stands twice, and what scorers make of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../../src/data/interactions.ts";
import { evenlySpread, lastOfTen, mergeLists, reservePlaces } from "../../../src/evaluation/ranking/reserved-places.ts";

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

describe("reserved places", () => {
  it("are the last of every ten", () => {
    const merged = mergeLists(upTo(20), upTo(20, 100), lastOfTen(2));
    expect(merged).toEqual([...upTo(8), 100, 101, ...upTo(8, 8), 102, 103]);
    expect(mergeLists(upTo(12), upTo(5, 100), lastOfTen(0))).toEqual(upTo(12));
  });

  it("are evenly spread, n times the share of the first n", () => {
    const kept = (share: number) => upTo(20).filter(evenlySpread(share));
    expect(kept(0)).toEqual([]);
    expect(kept(0.1)).toEqual([9, 19]);
    expect(kept(0.2)).toEqual([4, 9, 14, 19]);
    expect(kept(0.3).filter((place) => place < 10)).toEqual([3, 6, 9]);
    expect(kept(1)).toEqual(upTo(20));
  });

  it("list an item once, where it comes first, and are given back where nobody is left", () => {
    expect(mergeLists(upTo(10), [3, 9, 50], lastOfTen(3))).toEqual([0, 1, 2, 3, 4, 5, 6, 9, 50, 7]);
  });

  it("keep the length and never repeat, whatever the lists", () => {
    const list = fc.uniqueArray(fc.nat(40), { maxLength: 25 });
    fc.assert(
      fc.property(list, list, fc.integer({ min: 0, max: 3 }), (listed, slots, count) => {
        const merged = mergeLists(listed, slots, lastOfTen(count));
        expect(merged).toHaveLength(listed.length);
        expect(new Set(merged).size).toBe(merged.length);
      }),
    );
  });

  it("hold the launched items that the other model ranks first among those the user has not", async () => {
    const [rows, items] = [2, 14];
    const of = (users: number[], taken: number[]) =>
      createInteractions(rows, items, {
        users: Uint32Array.from(users),
        items: Uint32Array.from(taken),
        values: new Float32Array(taken.length).fill(1),
      });
    const scores = (score: (item: number) => number) => (asked: Uint32Array) => ({
      rows: asked.length,
      columns: items,
      values: Float32Array.from({ length: asked.length * items }, (_, p) => score(p % items)),
    });
    const launched = Uint8Array.from({ length: items }, (_, item) => Number(item >= 11));
    const request = {
      train: of([0, 1], [13, 0]),
      test: of([0], [5]),
      model: scores((item) => -item),
      launcher: scores((item) => item),
      launched,
      length: 10,
    };
    const lastPlaces = [1, 2].map((count) => ({ name: `slots-${count}`, isReserved: lastOfTen(count) }));
    const [one, two] = await reservePlaces(request, lastPlaces);
    const listOf = ({ lists: { indptr, indices, values } }: typeof one, row: number) =>
      Array.from({ length: indptr[row + 1] - indptr[row] }, (_, p) => indptr[row] + p)
        .sort((a, b) => values[b] - values[a])
        .map((p) => indices[p]);
    expect([one.name, two.name]).toEqual(["slots-1", "slots-2"]);
    expect(listOf(one, 0)).toEqual([...upTo(9), 12]);
    expect(listOf(two, 0)).toEqual([...upTo(8), 12, 11]);
    expect(listOf(two, 1)).toEqual([]);
  });
});
