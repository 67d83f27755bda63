import { beforeAll, describe, expect, it } from "vitest";
import { buildGraph, hasGraphs } from "../../src/math/compute/search/neighbour-graph.ts";
import { zeros } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { createItemIndex, type ItemIndex, searchIndex } from "../../src/serving/ranking/item-index.ts";
import { partOf } from "../../src/serving/ranking/part-index.ts";

const random = createRandom(11);
const vectors = zeros(2000, 16);
for (let p = 0; p < vectors.values.length; p++) vectors.values[p] = random.normal();
const exact = createItemIndex(vectors);
const query = vectors.values.slice(160, 176);
let graphed: ItemIndex;

beforeAll(async () => {
  graphed = hasGraphs() ? { ...exact, graph: await buildGraph(vectors, 1) } : exact;
});

describe.skipIf(!hasGraphs())("a search by way of a graph", () => {
  it("lists the rows that it finds as the exact search does, scores and order included", async () => {
    const search = { count: 10, normExponent: 1, exclude: [10] };
    const [found, all] = [await searchIndex(graphed, query, search), await searchIndex(exact, query, search)];
    expect(found.length).toBe(10);
    expect(found.filter(({ row }) => all.some((hit) => hit.row === row)).length).toBeGreaterThan(8);
    for (const hit of found) expect(hit.row).not.toBe(10);
    for (const hit of found.filter(({ row }) => all.some((other) => other.row === row))) {
      expect(hit.score).toBeCloseTo(all.find(({ row }) => row === hit.row)?.score ?? 0, 5);
    }
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
  });

  it.each([
    ["another exponent", { count: 10, normExponent: 0.5 }],
    ["flags", { count: 10, normExponent: 1, allow: new Uint8Array(2000).fill(1) }],
    ["a list longer than a graph is good for", { count: 600, normExponent: 1 }],
  ])("looks at every item for %s", async (_, search) => {
    expect(await searchIndex(graphed, query, search)).toEqual(await searchIndex(exact, query, search));
  });

  it("is no search of a part of the items, which has no graph", async () => {
    expect(partOf(graphed, [1, 2, 3]).graph).toBeUndefined();
  });
});
