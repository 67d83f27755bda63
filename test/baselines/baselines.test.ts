import { beforeAll, describe, expect, it, vi } from "vitest";
import { contentKnn } from "../../src/baselines/content-knn.ts";
import { contentBasis, contentRidge } from "../../src/baselines/content-ridge.ts";
import { itemKnn, itemKnnKind } from "../../src/baselines/item-knn.ts";
import type { BaselineData } from "../../src/baselines/model-kind.ts";
import { neighbourChoice } from "../../src/baselines/neighbour-choice.ts";
import { nearestRows, neighbourLists, neighbourOptionsSchema } from "../../src/baselines/neighbours.ts";
import { popularity } from "../../src/baselines/popularity.ts";
import { randomOrder } from "../../src/baselines/random-order.ts";
import { slim } from "../../src/baselines/slim.ts";
import { userKnn, userKnnKind } from "../../src/baselines/user-knn.ts";
import { factorScorer, type ScoredContender } from "../../src/evaluation/ranking/scorer.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { sharedFloat32 } from "../../src/math/compute/shared-memory.ts";
import { type Matrix, rowOf, transposeSparse } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { unitRows } from "../../src/math/row-norms.ts";
import { once } from "../../src/once.ts";
import { randomRows, sparse } from "../evaluation/sparse.ts";

const USERS = 14;
const ITEMS = 11;
const DEPTH = 5;

const random = createRandom(3);
const dense = randomRows(random, USERS, ITEMS, 0.35);
dense[4].fill(0);
const train = sparse(dense);
const content: Matrix = {
  rows: ITEMS,
  columns: DEPTH,
  values: Float32Array.from({ length: ITEMS * DEPTH }, (_, i) => (i < DEPTH ? 0 : random.normal())),
};
const everyone = Uint32Array.from({ length: USERS }, (_, user) => user);

async function scoresOf(contender: ScoredContender, users = everyone): Promise<number[][]> {
  const scores = await contender.score(users);
  return Array.from(users, (_, i) => Array.from(rowOf(scores, i)));
}

function expectClose(actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  const difference = actual.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected[i][j])));
  expect(Math.max(...difference)).toBeLessThan(1e-5);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function norm(a: readonly number[]): number {
  return Math.sqrt(dot(a, a));
}

function column(rows: readonly (readonly number[])[], j: number): number[] {
  return rows.map((row) => row[j]);
}

/** similarity[a][b] by shrunk cosine, 0 unless b is among the `kept` nearest of a. */
function nearest(vectors: readonly (readonly number[])[], kept: number, shrinkage: number): number[][] {
  return vectors.map((a, i) => {
    const similarity = vectors.map((b, j) => (i === j ? 0 : dot(a, b) / (norm(a) * norm(b) + shrinkage || 1)));
    const order = [...similarity.keys()].sort((x, y) => similarity[y] - similarity[x] || x - y).slice(0, kept);
    return similarity.map((value, j) => (order.includes(j) ? value : 0));
  });
}

const itemColumns = Array.from({ length: ITEMS }, (_, j) => column(dense, j));
const unitContent = Array.from({ length: ITEMS }, (_, j) => {
  const row = Array.from(rowOf(content, j));
  return row.map((value) => value / (norm(row) || 1));
});

describe("popularity", () => {
  it("scores an item by its number of users, whoever asks", async () => {
    const support = itemColumns.map((users) => users.filter((value) => value > 0).length);
    expect(await scoresOf(popularity(train))).toEqual(dense.map(() => support));
  });
});

describe("random", () => {
  it("draws the same list for a user whoever else is scored, and another for another seed", async () => {
    const all = await scoresOf(randomOrder(ITEMS, 1));
    expect(await scoresOf(randomOrder(ITEMS, 1), Uint32Array.of(7, 2))).toEqual([all[7], all[2]]);
    expect((await scoresOf(randomOrder(ITEMS, 2)))[7]).not.toEqual(all[7]);
  });

  it("is uniform: means near one half in every item column", async () => {
    const users = Uint32Array.from({ length: 4000 }, (_, user) => user);
    const scores = await scoresOf(randomOrder(3, 5), users);
    // The standard error of such a mean is .0046.
    for (let j = 0; j < 3; j++)
      expect(Math.abs(column(scores, j).reduce((a, b) => a + b) / 4000 - 0.5)).toBeLessThan(0.02);
  });
});

describe("item-knn", () => {
  it.each([
    { neighbours: 3, shrinkage: 2 },
    { neighbours: 100, shrinkage: 0 },
  ])("equals the dense definition with %o", async (options) => {
    const similarity = nearest(itemColumns, options.neighbours, options.shrinkage);
    const expected = dense.map((row) => similarity.map((ofItem) => dot(row, ofItem)));
    expectClose(await scoresOf(itemKnn(train, options)), expected);
  });
});

describe("user-knn", () => {
  it.each([
    { neighbours: 3, shrinkage: 2 },
    { neighbours: 100, shrinkage: 0 },
  ])("equals the dense definition with %o", async (options) => {
    const similarity = nearest(dense, options.neighbours, options.shrinkage);
    const expected = similarity.map((ofUser) => itemColumns.map((users) => dot(ofUser, users)));
    expectClose(await scoresOf(userKnn(train, options)), expected);
  });
});

describe("neighbours at several options", () => {
  it("are those of options of their own, though shorter lists begin longer ones", () => {
    const { items, users } = neighbourLists(train);
    const tried = [...neighbourChoice.grid, { neighbours: 2, shrinkage: 10 }, { neighbours: 4, shrinkage: 10 }];
    for (const options of tried.map((given) => neighbourOptionsSchema.parse(given))) {
      for (const [lists, rows] of [
        [items, transposeSparse(train)],
        [users, train],
      ] as const) {
        const [found, own] = [lists(options), nearestRows(rows, options)];
        for (let row = 0; row < rows.rows; row++) expect(found(row)).toEqual(own(row));
      }
    }
  });

  it("fit the models that they fit alone", async () => {
    const kept = { neighbours: once(() => neighbourLists(train)) };
    for (const kind of [itemKnnKind, userKnnKind]) {
      for (const options of neighbourChoice.grid) {
        const data = { train } as unknown as BaselineData;
        const together = await kind.fit({ ...data, ...kept }, options);
        expect(await scoresOf(together)).toEqual(await scoresOf(await kind.fit(data, options)));
      }
    }
  });
});

describe("scores in memory that is given", () => {
  it.each([
    ["item-knn", itemKnn(train)],
    ["user-knn", userKnn(train)],
    ["slim", slim(train, { l1: 0.1 })],
  ])("are those of %s, whatever lay there", async (_, { score }) => {
    const into = { rows: 3, columns: ITEMS, values: sharedFloat32(3 * ITEMS).fill(7) };
    const users = Uint32Array.of(4, 0, 9);
    const given = await score(users, into);
    expect(given.values.buffer).toBe(into.values.buffer);
    expect(given).toEqual({ ...into, values: (await score(users)).values });
  });
});

describe("content-knn", () => {
  it("scores by the confidence-weighted mean of the user's unit content vectors", async () => {
    const expected = dense.map((row) => {
      const total = row.reduce((sum, confidence) => sum + confidence, 0) || 1;
      const profile = Array.from({ length: DEPTH }, (_, d) => dot(row, column(unitContent, d)) / total);
      return unitContent.map((vector) => dot(profile, vector));
    });
    expectClose(await scoresOf(contentKnn(train, content)), expected);
  });
});

describe("content-ridge", () => {
  const options = { unobservedWeight: 0.3, regularization: 0.7, regularizationExponent: 0.5 };
  let weights: number[][];

  beforeAll(async () => {
    // With the items' unit vectors known, the scores of d independent items give the weights back.
    const { score } = await contentRidge(train, content, options);
    const scores = await scoresOf({ name: "content-ridge", score });
    weights = scores.map((row) => solve(unitContent.slice(1, DEPTH + 1), row.slice(1, DEPTH + 1)));
  });

  it("is where the gradient of equation 2 vanishes", () => {
    for (const [u, w] of weights.entries()) {
      const observed = dense[u].reduce((sum, confidence) => sum + confidence, 0);
      const precision = 0.7 * (observed + 0.3 * ITEMS) ** 0.5;
      for (let d = 0; d < DEPTH; d++) {
        const pull = unitContent.reduce((sum, z, i) => {
          return sum + dense[u][i] * (dot(w, z) - 1) * z[d] + 0.3 * dot(w, z) * z[d];
        }, precision * w[d]);
        expect(Math.abs(pull)).toBeLessThan(1e-4);
      }
    }
  });
});

describe("content-ridge of some users", () => {
  it("solves them as it solves all, and stops where it is cancelled", async () => {
    const { score } = await contentRidge(train, content);
    const all = await scoresOf({ name: "content-ridge", score });
    const some = await scoresOf({ name: "content-ridge", score }, Uint32Array.of(9, 2));
    expect(some).toEqual([all[9], all[2]]);
    const cancelled = await contentRidge(train, content, {}, { signal: AbortSignal.abort() });
    await expect(async () => cancelled.score(everyone)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("content-ridge at several options", () => {
  it("has one basis, with the scores of a basis of its own", async () => {
    const backend = defaultBackend();
    const asked = vi.fn(backend.eigen);
    const shared = once(() => contentBasis(unitRows(content), { ...backend, eigen: asked }));
    for (const regularization of [0.1, 1]) {
      const given = await contentRidge(train, unitRows(content), { regularization }, { basis: shared });
      const own = await contentRidge(train, unitRows(content), { regularization });
      expect(await scoresOf(given)).toEqual(await scoresOf(own));
    }
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe("options of the baselines", () => {
  it("an unknown key names the nearest known one", () => {
    const misspelt: object = { neighbour: 5 };
    expect(() => itemKnn(train, misspelt)).toThrow(/did you mean "neighbours"/);
  });
});

describe("factor scorer", () => {
  it("gives inner products, users in the asked order", async () => {
    const users: Matrix = { rows: 3, columns: 2, values: Float32Array.of(1, 0, 0, 1, 2, 3) };
    const items: Matrix = { rows: 2, columns: 2, values: Float32Array.of(1, 1, 5, -1) };
    const scores = await factorScorer(users, items)(Uint32Array.of(2, 0));
    expect([...scores.values]).toEqual([5, 7, 1, 5]);
  });
});

/** Gauss-Jordan with partial pivoting on A x = b. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  for (let p = 0; p < rows.length; p++) {
    const pivot = rows.slice(p).reduce((best, row) => (Math.abs(row[p]) > Math.abs(best[p]) ? row : best));
    rows[rows.indexOf(pivot)] = rows[p];
    rows[p] = pivot.map((value) => value / pivot[p]);
    for (let i = 0; i < rows.length; i++) {
      if (i !== p) rows[i] = rows[i].map((value, j) => value - rows[i][p] * rows[p][j]);
    }
  }
  return rows.map((row) => row[row.length - 1]);
}
