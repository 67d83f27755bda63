import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Matrix } from "../../src/math/matrix.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { createItemIndex, type Hit } from "../../src/serving/ranking/item-index.ts";
import { recommendItems } from "../../src/serving/ranking/recommend.ts";
import { rerankItems } from "../../src/serving/ranking/rerank.ts";
import { similarItems, similarToVector } from "../../src/serving/ranking/similar-items.ts";

/** Small whole numbers: every dot product is exact, so that equal scores are equal and order is decided by row. */
const vectors = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, columns]) =>
    fc
      .array(fc.integer({ min: -3, max: 3 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((values): Matrix => ({ rows, columns, values: Float32Array.from(values) })),
  );

function randomVectors(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed);
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.normal()) };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, j) => sum + value * b[j], 0);
}

const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));

/** Sort everything. */
function oracle(matrix: Matrix, score: (item: Float32Array) => number, listed: (row: number) => boolean): Hit[] {
  return Array.from({ length: matrix.rows }, (_, row) => ({ row, score: score(rowOf(matrix, row)) }))
    .filter(({ row }) => listed(row))
    .sort((a, b) => b.score - a.score || a.row - b.row);
}

function expectHits(received: readonly Hit[], expected: readonly Hit[]): void {
  expect(received.map(({ row }) => row)).toEqual(expected.map(({ row }) => row));
  for (const [i, { score }] of received.entries()) expect(score).toBeCloseTo(expected[i].score, 5);
}

describe("similarItems", () => {
  it.each(["cosine", "dot"] as const)("lists what sorting all items by %s lists", async (metric) => {
    const matrix = randomVectors(200, 16, 1);
    const index = createItemIndex(matrix, { metric });
    for (const row of [0, 77, 199]) {
      const query = rowOf(matrix, row);
      const score = (item: Float32Array) =>
        metric === "dot" ? dot(query, item) : dot(query, item) / (norm(query) * norm(item));
      expectHits(await similarItems(index, row, { count: 15 }), oracle(matrix, score, (j) => j !== row).slice(0, 15));
    }
  });

  it("never lists the item itself, an excluded row or one not allowed, and breaks ties by row", async () => {
    await fc.assert(
      fc.asyncProperty(
        vectors,
        fc.array(fc.nat(11)),
        fc.uint8Array({ minLength: 12, maxLength: 12, max: 1 }),
        async (matrix, drawn, flags) => {
          const exclude = drawn.filter((row) => row < matrix.rows);
          const allow = flags.slice(0, matrix.rows);
          const hits = await similarItems(createItemIndex(matrix, { metric: "dot" }), 0, { count: 20, exclude, allow });
          const listed = (row: number) => row !== 0 && !exclude.includes(row) && allow[row] === 1;
          expect(hits).toEqual(oracle(matrix, (item) => dot(rowOf(matrix, 0), item), listed));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives a new vector what it gives an item of the same vector, that item included", async () => {
    const matrix = randomVectors(50, 8, 2);
    const index = createItemIndex(matrix);
    const [first, ...rest] = await similarToVector(index, rowOf(matrix, 9).slice(), { count: 6 });
    expect(first.row).toBe(9);
    expect(first.score).toBeCloseTo(1, 6);
    expect(rest).toEqual(await similarItems(index, 9, { count: 5 }));
  });

  it("lists 10 items unless told otherwise, and all there are when there are fewer", async () => {
    expect(await similarItems(createItemIndex(randomVectors(30, 4, 3)), 0)).toHaveLength(10);
    expect(await similarItems(createItemIndex(randomVectors(3, 4, 3)), 0)).toHaveLength(2);
    expect(await similarItems(createItemIndex(randomVectors(1, 4, 3)), 0)).toEqual([]);
  });

  it("gives an item whose vector is zeros the score 0, below what is alike and above what is opposed", async () => {
    const matrix = { rows: 4, columns: 1, values: Float32Array.of(1, -2, 0, 3) };
    const hits = await similarItems(createItemIndex(matrix), 0);
    expect(hits).toEqual([
      { row: 3, score: 1 },
      { row: 2, score: 0 },
      { row: 1, score: -1 },
    ]);
  });
});

describe("recommendItems", () => {
  const matrix = randomVectors(120, 12, 4);
  const user = rowOf(randomVectors(1, 12, 5), 0);
  const index = createItemIndex(matrix);

  it.each([0, 0.3, 0.6, 1])(
    "lists what sorting all items by w.h / |h|^%d lists, without the items seen",
    async (tail) => {
      const exclude = [3, 50, 51];
      const expected = oracle(
        matrix,
        (item) => dot(user, item) / norm(item) ** tail,
        (row) => !exclude.includes(row),
      );
      expectHits(await recommendItems(index, user, { count: 25, tail, exclude }), expected.slice(0, 25));
    },
  );

  it("at tail 1 orders as the cosine does, whatever the lengths of the items", async () => {
    const stretched = { ...matrix, values: matrix.values.map((value, p) => value * (1 + (Math.floor(p / 12) % 7))) };
    const rows = async (vectors: Matrix) =>
      (await recommendItems(createItemIndex(vectors), user, { count: 120, tail: 1 })).map(({ row }) => row);
    const byCosine = (await similarToVector(index, user, { count: 120 })).map(({ row }) => row);
    expect(await rows(matrix)).toEqual(byCosine);
    expect(await rows(stretched)).toEqual(byCosine);
  });

  it("brings shorter vectors forward as the dial is turned up", async () => {
    const meanLength = async (tail: number) => {
      const hits = await recommendItems(index, user, { count: 10, tail });
      return hits.reduce((sum, { row }) => sum + norm(rowOf(matrix, row)), 0) / hits.length;
    };
    expect(await meanLength(1)).toBeLessThan(await meanLength(0));
  });
});

describe("rerankItems", () => {
  const matrix = randomVectors(80, 8, 6);
  const index = createItemIndex(matrix);

  it("orders the candidates, and no others, as the full lists do", async () => {
    const candidates = [70, 3, 12, 44, 3, 9];
    const userVector = rowOf(matrix, 1);
    const full = await recommendItems(index, userVector, { count: 80, tail: 0.4 });
    const reranked = await rerankItems(index, candidates, { userVector }, { tail: 0.4 });
    expectHits(
      reranked,
      full.filter(({ row }) => candidates.includes(row)),
    );
    expect(await rerankItems(index, candidates, { userVector }, { tail: 0.4, count: 2 })).toEqual(reranked.slice(0, 2));
  });

  it("orders by likeness to an item", async () => {
    const candidates = [5, 6, 7, 8];
    const full = await similarItems(index, 20, { count: 79 });
    expectHits(
      await rerankItems(index, candidates, { item: 20 }),
      full.filter(({ row }) => candidates.includes(row)),
    );
  });

  it("gives no candidates no order", async () => {
    expect(await rerankItems(index, [], { item: 0 })).toEqual([]);
  });
});

describe("bad arguments are INVALID_ARGUMENT or INVALID_OPTIONS, and say what was expected", () => {
  const index = createItemIndex(randomVectors(5, 3, 7));
  const query = Float32Array.of(1, 2, 3);

  it.each([
    ["a row beyond the end", () => similarItems(index, 5), "INVALID_ARGUMENT", "0..4"],
    ["a row that is no whole number", () => similarItems(index, 1.5), "INVALID_ARGUMENT", "1.5"],
    ["an excluded row beyond the end", () => recommendItems(index, query, { exclude: [9] }), "INVALID_ARGUMENT", "9"],
    ["a candidate beyond the end", () => rerankItems(index, [-1], { item: 0 }), "INVALID_ARGUMENT", "-1"],
    ["a vector of another length", () => recommendItems(index, Float32Array.of(1)), "INVALID_ARGUMENT", "3"],
    [
      "a vector that is not finite",
      () => similarToVector(index, Float32Array.of(1, NaN, 0)),
      "INVALID_ARGUMENT",
      "finite",
    ],
    ["flags of another length", () => similarItems(index, 0, { allow: new Uint8Array(2) }), "INVALID_ARGUMENT", "5"],
    ["a count of 0", () => similarItems(index, 0, { count: 0 }), "INVALID_OPTIONS", "count"],
    ["a tail beyond 1", () => recommendItems(index, query, { tail: 1.2 }), "INVALID_OPTIONS", "tail"],
  ])("%s", async (_title, call, code, part) => {
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  it("an index refuses vectors that are not finite, naming the row", () => {
    const values = Float32Array.of(1, 2, Number.POSITIVE_INFINITY, 4);
    expect(() => createItemIndex({ rows: 2, columns: 2, values })).toThrow(/row 1/);
  });
});
