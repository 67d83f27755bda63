/** Searches for owners of whom each has a limit, beside one search under a mask for each. */
import { describe, expect, it } from "vitest";
import type { Matrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import type { Limit } from "../../src/rules/rule-kind.ts";
import { blockFinder } from "../../src/serving/ranking/block-finder.ts";
import type { FinderRequest } from "../../src/serving/ranking/finder.ts";
import { createItemIndex, type Hit } from "../../src/serving/ranking/item-index.ts";
import { limitedHits } from "../../src/serving/ranking/limited-search.ts";

const [ITEMS, OWNERS, COUNT] = [1500, 90, 7];
const random = createRandom(3);
const normal = (rows: number): Matrix => ({
  rows,
  columns: 8,
  values: Float32Array.from({ length: rows * 8 }, () => random.normal()),
});
const index = createItemIndex(normal(ITEMS), { metric: "dot" });
const price = Float64Array.from({ length: ITEMS }, () => Math.exp(random.normal()));
const nothing = { rows: OWNERS, columns: ITEMS, indptr: new Uint32Array(OWNERS + 1), indices: new Uint32Array() };
const block = { queries: normal(OWNERS), exclude: { ...nothing, values: new Float32Array() }, normExponent: 0 };
const asked: FinderRequest[] = [];
const plain = blockFinder(index, block, () => ({ uncertainty: new Float32Array(ITEMS), ofQuery: () => 0 }));
const find = (request: FinderRequest) => {
  asked.push(request);
  return plain(request);
};
const places = Array.from({ length: OWNERS }, (_, place) => place);
const allow = Uint8Array.from(price, (_, row) => Number(row % 3 !== 0));
const exclude = places.map((place) => [place, place + 1]);

/** Prices from the owner's own up to a multiple of it. */
function bandOf(place: number, multiple: number): Limit {
  const allows = (row: number) => price[row] >= price[place] && price[row] <= multiple * price[place];
  return { key: String(place), allows, flags: () => Uint8Array.from(price, (_, row) => Number(allows(row))) };
}

async function underMasks(limits: readonly (Limit | undefined)[]) {
  const lists = [];
  for (const place of places) {
    const flags = limits[place]?.flags() ?? new Uint8Array(ITEMS).fill(1);
    const own = { owners: [place], count: COUNT, exclude: [exclude[place]], reach: 0 };
    lists.push((await plain({ ...own, allow: flags.map((flag, row) => flag & allow[row]) }))[0]);
  }
  return lists;
}

/** The same rows; a product of a block differs from that of one row in the last digit. */
function expectAlike(lists: readonly (readonly Hit[])[], expected: readonly (readonly Hit[])[]): void {
  expect(lists.map((hits) => hits.map(({ row }) => row))).toEqual(expected.map((hits) => hits.map(({ row }) => row)));
  const scores = expected.map((hits) => hits.map(({ score }) => expect.closeTo(score, 4)));
  expect(lists.map((hits) => hits.map(({ score }) => score))).toEqual(scores);
}

describe("lists of owners with limits of their own", () => {
  it.each([
    ["wide", () => 6],
    ["narrow", () => 1.02],
    ["wide for most and narrow for some", (place: number) => (place % 10 === 0 ? 1.001 : 8)],
    ["empty", () => 0.5],
  ])("that are %s are those under the mask of each", async (_, multipleOf) => {
    const limits = places.map((place) => (place % 7 === 3 ? undefined : bandOf(place, multipleOf(place))));
    const lists = await limitedHits(find, { places, count: COUNT, allow, limits, exclude, reach: 0 });
    expectAlike(lists, await underMasks(limits));
  });

  it("are found by a few searches for all together where limits are wide, and make no mask", async () => {
    asked.length = 0;
    const limits = places.map((place) => ({
      ...bandOf(place, 1000),
      flags: () => {
        throw new Error("a mask was made");
      },
    }));
    const cheap = places.map((place) => (price[place] < 1 ? limits[place] : undefined));
    await limitedHits(find, { places, count: COUNT, allow, limits: cheap, exclude, reach: 0 });
    expect(asked.length).toBeLessThan(8);
  });

  it("of one limit are searched together under its mask", async () => {
    asked.length = 0;
    const limits = places.map((place) => ({ ...bandOf(place % 2, 3), key: String(place % 2) }));
    const lists = await limitedHits(find, { places, count: COUNT, allow, limits, exclude, reach: 0 });
    expect(asked.map(({ owners }) => owners.length)).toEqual([45, 45]);
    expectAlike(lists, await underMasks(limits));
  });
});
