/** Lists from a table of neighbours, against the search that they stand for. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../property-seed.ts";
import { createGrowingMatrix } from "../../src/math/growing-matrix.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom, type Random } from "../../src/math/random.ts";
import { createItemIndex, type ItemIndex } from "../../src/serving/ranking/item-index.ts";
import { createLiveIndex } from "../../src/serving/ranking/live-index.ts";
import { createNeighbourTable } from "../../src/serving/ranking/neighbour-table.ts";
import { similarItems } from "../../src/serving/ranking/similar-items.ts";
import { backendFamilies } from "../helpers/backends.ts";

/** Rows near to few centres, some the same to the bit, some of zeros: lists have ties. */
function clustered(random: Random, rows: number, columns: number): Matrix {
  const centres = Array.from({ length: 3 }, () => Float32Array.from({ length: columns }, () => random.normal()));
  const matrix = { rows, columns, values: new Float32Array(rows * columns) };
  for (let i = 0; i < rows; i++) rowOf(matrix, i).set(drawn(random, centres[random.integer(3)]));
  return matrix;
}

function drawn(random: Random, centre: Float32Array): Float32Array {
  const noise = [0, 0, 0.2][random.integer(3)];
  const length = [0, 1, 1, 3][random.integer(4)];
  return centre.map((value) => length * (value + noise * random.normal()));
}

const shape = fc.record({
  seed: fc.nat(1e6),
  rows: fc.integer({ min: 1, max: 120 }),
  depth: fc.integer({ min: 1, max: 24 }),
  metric: fc.constantFrom("cosine" as const, "dot" as const, "projection" as const),
});

describe.each(backendFamilies)("a table of neighbours, %s", (_, createBackend) => {
  const backend = createBackend(1);

  it("gives the lists of the search to the bit, while items move, come, sell out and are filtered", async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ seed, rows, depth, metric }) => {
        const random = createRandom(seed);
        const columns = 1 + random.integer(40);
        const plain = createItemIndex(clustered(random, rows, columns), { metric }, backend);
        const growing = createGrowingMatrix(plain.vectors);
        const live = createLiveIndex({ ...plain, neighbours: createNeighbourTable(rows, depth) });
        let index = live.follow(growing.view(), []);
        for (let step = 0; step < 30; step++) {
          if (random.integer(3) === 0) index = moved(random, growing, live);
          const asked = request(random, index);
          const row = random.integer(index.vectors.rows);
          const expected = await similarItems({ ...index, neighbours: undefined }, row, asked);
          expect(await similarItems(index, row, asked)).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is exact where items move while a search runs", async () => {
    const random = createRandom(5);
    const plain = createItemIndex(clustered(random, 90, 12), {}, backend);
    const growing = createGrowingMatrix(plain.vectors);
    const live = createLiveIndex({ ...plain, neighbours: createNeighbourTable(90, 8) });
    let index = live.follow(growing.view(), []);
    for (let round = 0; round < 60; round++) {
      const row = random.integer(90);
      const running = similarItems(index, row, { count: 5 });
      index = moved(random, growing, live);
      await running;
      const expected = await similarItems({ ...index, neighbours: undefined }, row, { count: 5 });
      expect(await similarItems(index, row, { count: 5 })).toEqual(expected);
    }
  });
});

/** A few rows moved to where others are, and sometimes a new one. */
function moved(
  random: Random,
  growing: ReturnType<typeof createGrowingMatrix>,
  live: ReturnType<typeof createLiveIndex>,
): ItemIndex {
  const { rows } = growing.view();
  const changed = Array.from({ length: 1 + random.integer(3) }, () => random.integer(rows));
  if (random.integer(3) === 0) changed.push(rows);
  for (const row of changed) growing.put(row, drawn(random, rowOf(growing.view(), random.integer(rows)).slice()));
  const now = growing.view();
  const listable = random.integer(2) === 0 ? flags(random, now.rows) : undefined;
  return live.follow(now, changed, listable);
}

function request(random: Random, { vectors }: ItemIndex) {
  const exclude = Array.from({ length: random.integer(4) }, () => random.integer(vectors.rows));
  const allow = random.integer(3) === 0 ? flags(random, vectors.rows) : undefined;
  return { count: 1 + random.integer(12), exclude, allow };
}

function flags(random: Random, rows: number): Uint8Array {
  return Uint8Array.from({ length: rows }, () => Number(random.integer(5) > 0));
}

describe("rows of a table", () => {
  const found = (items: readonly number[]) => ({
    count: items.length,
    items: Int32Array.from(items),
    scores: new Float32Array(items.length),
  });

  it("are void once their item moves, and name what moved since", () => {
    const table = createNeighbourTable(10, 2);
    table.keep([3, 4], found([1, 2, 5, 6]), table.now());
    table.move([4, 7]);
    expect(table.find(4)).toBeUndefined();
    expect([...(table.find(3)?.moved ?? [])]).toEqual([4, 7]);
    expect(table.filled()).toBe(1);
    expect(table.missing(20)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 0]);
  });

  it("are not kept where their item moved during the search", () => {
    const table = createNeighbourTable(10, 2);
    const since = table.now();
    table.move([3]);
    table.keep([3], found([1, 2]), since);
    expect(table.find(3)).toBeUndefined();
  });

  it("are void once more moved than is worth scoring anew", () => {
    const table = createNeighbourTable(10, 2);
    table.keep([3], found([1, 2]), table.now());
    for (let n = 0; n < 2000; n++) table.move([5]);
    expect(table.find(3)).toBeUndefined();
    expect(table.filled()).toBe(0);
  });
});
