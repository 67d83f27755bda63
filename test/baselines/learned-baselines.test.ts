import { describe, expect, it } from "vitest";
import { biasedMfContender, fitBiasedMf, predictRating } from "../../src/baselines/biased-mf.ts";
import { bpr } from "../../src/baselines/bpr.ts";
import { ease } from "../../src/baselines/ease.ts";
import { fitUserGroups, nearestGroup, popularInCluster } from "../../src/baselines/popular-in-cluster.ts";
import type { Scorer } from "../../src/evaluation/ranking/scorer.ts";
import { rowOf, zeros } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { randomRows, sparse } from "../evaluation/sparse.ts";

async function rowsOf(score: Scorer, rows: number): Promise<number[][]> {
  const scores = await score(Uint32Array.from({ length: rows }, (_, row) => row));
  return Array.from({ length: rows }, (_, row) => Array.from(rowOf(scores, row)));
}

function largest(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i][j]))));
}

function product(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, value, m) => sum + value * b[m][j], 0)));
}

function turned(a: readonly (readonly number[])[]): number[][] {
  return a[0].map((_, j) => a.map((row) => row[j]));
}

/** Gauss-Jordan. */
function inverse(a: readonly (readonly number[])[]): number[][] {
  const rows = a.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let p = 0; p < rows.length; p++) {
    rows[p] = rows[p].map((value) => value / rows[p][p]);
    for (let i = 0; i < rows.length; i++) {
      if (i !== p) rows[i] = rows[i].map((value, j) => value - rows[i][p] * rows[p][j]);
    }
  }
  return rows.map((row) => row.slice(a.length));
}

describe("ease", () => {
  it.each([
    { users: 20, items: 9 },
    { users: 7, items: 15 },
  ])("equals Steck's closed form with $users users and $items items", async ({ users, items }) => {
    const x = randomRows(createRandom(5), users, items, 0.4).map((row) => row.map((value) => Number(value > 0)));
    const gram = product(turned(x), x).map((row, i) => row.map((value, j) => value + (i === j ? 3 : 0)));
    const p = inverse(gram);
    const b = p.map((row, i) => row.map((value, j) => (i === j ? 0 : -value / p[j][j])));
    const model = await ease(sparse(x), { regularization: 3 });
    expect(largest(await rowsOf(model.score, users), product(x, b))).toBeLessThan(1e-5);
    expect(largest(await rowsOf(model.similar?.score ?? model.score, items), b)).toBeLessThan(1e-5);
  });

  it("refuses what would not fit into memory", async () => {
    const indptr = new Uint32Array(10_002);
    const none = { indices: new Uint32Array(0), values: new Float32Array(0) };
    const large = { rows: 10_001, columns: 10_001, indptr, ...none };
    await expect(ease(large)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: /at most 10000/ });
  });
});

/** Two groups that take different halves of the items, the group's own items more often. */
function twoTastes(users: number, items: number): number[][] {
  const random = createRandom(8);
  return Array.from({ length: users }, (_, u) =>
    Array.from({ length: items }, (_, j) => Number(random.next() < (u % 2 === j % 2 ? 0.5 : 0.03))),
  );
}

describe("popular-in-cluster", () => {
  it("shows every group what it takes most, shrunk to the overall popularity, and strangers that alone", async () => {
    const dense = twoTastes(40, 10);
    dense[6].fill(0);
    const vectors = zeros(40, 2);
    for (let u = 0; u < 40; u++) vectors.values[2 * u + (u % 2)] = 1 + (u % 3);
    const model = await popularInCluster(sparse(dense), vectors, { clusters: 2, shrinkage: 5 });
    const scores = await rowsOf(model.score, 40);
    const takers = (j: number, wanted: (u: number) => boolean) =>
      dense.filter((row, u) => row[j] > 0 && wanted(u)).length;
    const shareOf = (j: number) => (5 * takers(j, () => true)) / 39;
    for (let j = 0; j < 10; j++) {
      expect(scores[0][j]).toBeCloseTo(takers(j, (u) => u % 2 === 0) + shareOf(j), 5);
      expect(scores[1][j]).toBeCloseTo(takers(j, (u) => u % 2 === 1) + shareOf(j), 5);
      expect(scores[6][j]).toBeCloseTo(shareOf(j), 5);
    }
  });

  it("puts a vector into the group whose direction it shares, whatever its length", async () => {
    const vectors = zeros(40, 2);
    for (let u = 0; u < 40; u++) vectors.values[2 * u + (u % 2)] = 1 + (u % 3);
    const groups = await fitUserGroups(sparse(twoTastes(40, 10)), vectors, { clusters: 2 });
    expect(nearestGroup(groups, Float32Array.of(9, 1))).toBe(groups.groupOf[0]);
    expect(nearestGroup(groups, Float32Array.of(0.01, 0.2))).toBe(groups.groupOf[1]);
    expect(nearestGroup(groups)).toBe(2);
  });
});

describe("biased-mf", () => {
  const random = createRandom(2);
  const ratings = Array.from({ length: 60 }, (_, u) =>
    Array.from({ length: 30 }, (_, i) => (random.next() < 0.6 ? 3 + Math.sin(u) + Math.cos(3 * i) : 0)),
  );
  const errorOf = (predict: (u: number, i: number) => number, wanted: (rating: number) => boolean) => {
    const errors = ratings.flatMap((row, u) =>
      row.flatMap((r, i) => (wanted(r) ? [(truth(u, i) - predict(u, i)) ** 2] : [])),
    );
    return Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / errors.length);
  };
  const truth = (u: number, i: number) => 3 + Math.sin(u) + Math.cos(3 * i);

  it("finds additive tastes, and predicts pairs that it has not seen", () => {
    const model = fitBiasedMf(sparse(ratings), { rank: 4, epochs: 200, learningRate: 0.02 });
    expect(
      errorOf(
        () => model.mean,
        (rating) => rating === 0,
      ),
    ).toBeGreaterThan(0.8);
    expect(
      errorOf(
        (u, i) => predictRating(model, u, i),
        (rating) => rating === 0,
      ),
    ).toBeLessThan(0.15);
  });

  it("with almost no steps predicts the mean, the published starting point", () => {
    const model = fitBiasedMf(sparse(ratings), { rank: 1, epochs: 1, learningRate: 1e-9 });
    expect(model.userBias.every((bias) => Math.abs(bias) < 1e-6)).toBe(true);
  });

  it("as a contender orders items by the predicted rating", async () => {
    const model = fitBiasedMf(sparse(ratings), { rank: 4 });
    const [scores] = await rowsOf(biasedMfContender(model).score, 1);
    const offset = predictRating(model, 0, 0) - scores[0];
    for (const [i, score] of scores.entries()) expect(score + offset).toBeCloseTo(predictRating(model, 0, i), 4);
  });
});

describe("bpr", () => {
  it("ranks what a user may take above what the user never would: AUC over .8 on held-out pairs", async () => {
    const dense = twoTastes(80, 40);
    const held = dense.map((row, u) => row.map((value, j) => Number(value > 0 && (u + 3 * j) % 5 === 0)));
    const train = sparse(dense.map((row, u) => row.map((value, j) => value - held[u][j])));
    const scores = await rowsOf(bpr(train, { rank: 8, epochs: 200, learningRate: 0.05 }).score, 80);
    let [right, pairs] = [0, 0];
    for (const [u, row] of held.entries()) {
      for (let i = 0; i < 40; i++) {
        // Pairs of the same popularity: a taken item of the user's own half against one of the other.
        for (let j = 0; j < 40; j++) {
          if (row[i] === 0 || i % 2 !== u % 2 || dense[u][j] > 0 || j % 2 === u % 2) continue;
          pairs++;
          right += Number(scores[u][i] > scores[u][j]);
        }
      }
    }
    expect(right / pairs).toBeGreaterThan(0.8);
  });

  it("as it comes learns more than popularity from a few interactions a user", async () => {
    // Users of two kinds take six items each of their kind's half; the first items of a half are taken most.
    const [users, items] = [300, 120];
    const random = createRandom(5);
    const train = sparse(
      Array.from({ length: users }, (_, u) => {
        const row = Array.from({ length: items }, () => 0);
        for (let n = 0; n < 6; n++) row[2 * Math.floor((items / 2) * random.next() ** 3) + (u % 2)] = 1;
        return row;
      }),
    );
    const scores = await rowsOf(bpr(train).score, users);
    // A rarely taken item of the user's own kind against the most popular ones of the other.
    let [right, pairs] = [0, 0];
    for (const [u, row] of scores.entries()) {
      for (let i = 40 + (u % 2); i < 80; i += 2) {
        for (let j = 1 - (u % 2); j < 10; j += 2) {
          pairs++;
          right += Number(row[i] > row[j]);
        }
      }
    }
    expect(right / pairs).toBeGreaterThan(0.8);
  });

  it("is the same for the same seed and another for another", async () => {
    const train = sparse(twoTastes(20, 12));
    const run = (seed: number) => rowsOf(bpr(train, { rank: 4, epochs: 3, seed }).score, 20);
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });
});
