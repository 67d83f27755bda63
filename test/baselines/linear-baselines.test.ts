/** Models of behaviour that are solved, or learnt without a network: each against the definition in its paper. */
import { describe, expect, it } from "vitest";
import { fitItem2vec, item2vecContender } from "../../src/baselines/item2vec.ts";
import { slimOptionsSchema, slimWeights } from "../../src/baselines/slim.ts";
import { pureSvd } from "../../src/baselines/svd.ts";
import type { ScoredContender } from "../../src/evaluation/ranking/scorer.ts";
import { rowOf, transposeSparse } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { randomRows, sparse } from "../evaluation/sparse.ts";

async function scoresOf({ score }: ScoredContender, users: number): Promise<number[][]> {
  const scores = await score(Uint32Array.from({ length: users }, (_, user) => user));
  return Array.from({ length: users }, (_, user) => Array.from(rowOf(scores, user)));
}

function squaredDistance(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return a.reduce((sum, row, i) => row.reduce((part, value, j) => part + (value - b[i][j]) ** 2, sum), 0);
}

describe("svd", () => {
  it("gives back a matrix of the rank that is asked for", async () => {
    const random = createRandom(4);
    const tastes = randomRows(random, 18, 3, 1);
    const items = randomRows(random, 3, 12, 1);
    const dense = tastes.map((taste) =>
      items[0].map((_, j) => taste.reduce((sum, value, d) => sum + value * items[d][j], 0)),
    );
    const scores = await scoresOf(await pureSvd(sparse(dense), { rank: 3 }), 18);
    expect(squaredDistance(scores, dense)).toBeLessThan(1e-4);
  });

  it("is the nearest of its rank: what is left are the smaller singular values (Eckart and Young)", async () => {
    const dense = randomRows(createRandom(6), 30, 14, 0.4);
    const train = sparse(dense);
    const left = async (rank: number) =>
      squaredDistance(await scoresOf(await pureSvd(train, { rank, iterations: 30 }), 30), dense);
    const squares = eigenvaluesOf(
      dense[0].map((_, a) => dense[0].map((_, b) => dense.reduce((sum, row) => sum + row[a] * row[b], 0))),
    );
    for (const rank of [1, 4, 9]) {
      const smaller = squares.slice(rank).reduce((sum, value) => sum + value, 0);
      expect(Math.abs((await left(rank)) / smaller - 1)).toBeLessThan(1e-4);
    }
  });
});

/** Descending, by cyclic Jacobi rotations. */
function eigenvaluesOf(symmetric: readonly (readonly number[])[]): number[] {
  const a = symmetric.map((row) => [...row]);
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < a.length; p++) for (let q = p + 1; q < a.length; q++) rotate(a, p, q);
  }
  return a.map((row, i) => row[i]).sort((x, y) => y - x);
}

function rotate(a: number[][], p: number, q: number): void {
  const angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  for (let j = 0; j < a.length; j++) [a[p][j], a[q][j]] = [c * a[p][j] - s * a[q][j], s * a[p][j] + c * a[q][j]];
}

describe("slim", () => {
  const dense = randomRows(createRandom(9), 60, 15, 0.3).map((row) => row.map((value) => Number(value > 0)));
  const items = transposeSparse(sparse(dense));
  const column = (j: number) => dense.map((row) => row[j]);

  it("solves the elastic net of every item: the gradient is zero at a weight, and not negative beside the others", () => {
    const options = slimOptionsSchema.parse({ l1: 0.7, l2: 2, tolerance: 1e-9, sweeps: 2000 });
    const weights = slimWeights(items, options);
    for (let j = 0; j < 15; j++) {
      const w = new Float64Array(15);
      for (let p = weights.indptr[j]; p < weights.indptr[j + 1]; p++) w[weights.indices[p]] = weights.values[p];
      const residual = column(j).map((value, u) => value - dense[u].reduce((sum, taken, i) => sum + taken * w[i], 0));
      expect(w[j]).toBe(0);
      for (let i = 0; i < 15; i++) {
        if (i === j) continue;
        const gradient =
          options.l2 * w[i] + options.l1 - column(i).reduce((sum, taken, u) => sum + taken * residual[u], 0);
        if (w[i] > 0) expect(Math.abs(gradient)).toBeLessThan(1e-4);
        else expect(gradient).toBeGreaterThan(-1e-4);
      }
    }
  });

  it("keeps to the neighbours, and to fewer weights the larger l1 is", () => {
    const count = (options: { readonly l1: number; readonly neighbours?: number }) =>
      slimWeights(items, slimOptionsSchema.parse(options)).indices.length;
    expect(count({ l1: 0, neighbours: 2 })).toBeLessThanOrEqual(30);
    expect(count({ l1: 3 })).toBeLessThan(count({ l1: 0.1 }));
    expect(count({ l1: 1000 })).toBe(0);
  });
});

describe("item2vec", () => {
  /** Baskets of two: items of the same half far more often than of both. */
  function pairs(count: number): number[][] {
    const random = createRandom(12);
    return Array.from({ length: count }, () => {
      const first = random.integer(6);
      const half = random.next() < 0.9 ? Math.floor(first / 3) : 1 - Math.floor(first / 3);
      const other = 3 * half + ((first + 1 + random.integer(2)) % 3);
      return Array.from({ length: 6 }, (_, j) => Number(j === first || j === other));
    });
  }

  it("reaches the log odds of pairs against the drawn negatives (Levy and Goldberg 2014)", () => {
    const baskets = pairs(1500).filter((row) => row.reduce((sum, value) => sum + value, 0) === 2);
    const options = { rank: 8, epochs: 150, negatives: 2, negativeExponent: 1, learningRate: 0.05 };
    const { items, contexts } = fitItem2vec(sparse(baskets), options);
    const countOf = (...wanted: number[]) => baskets.filter((row) => wanted.every((j) => row[j] > 0)).length;
    for (const [i, j] of [
      [0, 1],
      [0, 4],
      [3, 5],
      [2, 3],
    ]) {
      const givenFirst = countOf(i, j) / countOf(i);
      const drawn = countOf(j) / (2 * baskets.length);
      // A negative that hits the taken item is left out, hence the odds.
      const expected = Math.log(givenFirst / (1 - givenFirst) / (2 * drawn));
      const product = rowOf(items, i).reduce((sum, value, d) => sum + value * rowOf(contexts, j)[d], 0);
      expect(Math.abs(product - expected)).toBeLessThan(0.15);
    }
  });

  it("has no vector for an item that nobody took, and the same vectors for the same seed", async () => {
    const train = sparse(pairs(200).map((row) => [...row, 0]));
    const vectorsOf = (seed: number) => fitItem2vec(train, { rank: 4, epochs: 5, seed });
    expect(Array.from(rowOf(vectorsOf(1).items, 6))).toEqual([0, 0, 0, 0]);
    expect(vectorsOf(1)).toEqual(vectorsOf(1));
    expect(vectorsOf(1)).not.toEqual(vectorsOf(2));
    const scores = await scoresOf(await item2vecContender(train, vectorsOf(1)), 200);
    expect(scores.every((row) => row[6] === 0)).toBe(true);
  });
});
