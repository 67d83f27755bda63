import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitHybrid } from "../../src/hybrid/hybrid.ts";
import { alongAxes, fitScoreAxes, keptScores, leadingColumns } from "../../src/hybrid/score-axes.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { dot } from "../helpers/comparisons.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { makeWorld } from "../helpers/world.ts";

const seeds = fc.integer({ min: 0, max: 1e6 });

/** Users and items whose columns have very unequal scales, turned by a common random map: what a fit gives, in no good order. */
function disordered(seed: number, users: number, items: number, d: number): readonly [Matrix, Matrix] {
  const random = createRandom(seed);
  const scales = Array.from({ length: d }, () => 2 ** (3 * random.normal()));
  const scaled = (rows: number) => {
    const matrix = randomMatrix(random, rows, d);
    for (const p of matrix.values.keys()) matrix.values[p] *= scales[p % d];
    return matrix;
  };
  const turn = random.next() * Math.PI;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const turned = (matrix: Matrix) => {
    for (let i = 0; i < matrix.rows; i++) {
      const row = rowOf(matrix, i);
      for (let j = 0; j + 1 < d; j++) [row[j], row[j + 1]] = [c * row[j] - s * row[j + 1], s * row[j] + c * row[j + 1]];
    }
    return matrix;
  };
  return [turned(scaled(users)), turned(scaled(items))];
}

/** Naively, sum_ui (w.v - w_m.v_m)^2. */
function scoreError(users: Matrix, items: Matrix, length: number): number {
  let sum = 0;
  for (let u = 0; u < users.rows; u++) {
    for (let i = 0; i < items.rows; i++) {
      const [w, v] = [rowOf(users, u), rowOf(items, i)];
      sum += (dot(w, v) - dot(w.subarray(0, length), v.subarray(0, length))) ** 2;
    }
  }
  return sum;
}

async function along(users: Matrix, items: Matrix): Promise<readonly [Matrix, Matrix]> {
  const axes = await fitScoreAxes(users, items);
  return [await alongAxes(users, axes), await alongAxes(items, axes)];
}

describe("vectors along the score axes", () => {
  it("have the dot products that they had: of a user and an item, of two items", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const [users, items] = disordered(seed, 20, 15, 8);
        const [w, v] = await along(users, items);
        const size = Math.sqrt(dot(rowOf(items, 0), rowOf(items, 0)) * dot(rowOf(users, 0), rowOf(users, 0)));
        expect(Math.abs(dot(rowOf(w, 0), rowOf(v, 0)) - dot(rowOf(users, 0), rowOf(items, 0)))).toBeLessThan(
          1e-4 * size,
        );
        const lengths = dot(rowOf(items, 0), rowOf(items, 0));
        expect(Math.abs(dot(rowOf(v, 0), rowOf(v, 1)) / dot(rowOf(items, 0), rowOf(items, 1)) - 1)).toBeLessThan(
          1e-4 * Math.max(1, lengths / Math.abs(dot(rowOf(items, 0), rowOf(items, 1)))),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("lose no more of the scores when cut than unturned vectors do, at every length (within 2 % of their variance)", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const [users, items] = disordered(seed, 30, 25, 8);
        const [w, v] = await along(users, items);
        const total = scoreError(users, items, 0);
        for (let length = 1; length < 8; length++) {
          expect(scoreError(w, v, length)).toBeLessThanOrEqual(scoreError(users, items, length) + 0.02 * total);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("keep the larger part of a fitted model's scores in a few numbers, and more with each", async () => {
    const { interactions, features } = makeWorld(4, { users: 150, items: 80, perUser: 8 });
    const options = { collaborative: { rank: 8 }, embeddings: { channel: { weight: 0.4 }, lift: 0, tail: 0 } };
    const { userVectors, embeddings } = await fitHybrid(interactions, features, options);
    const [w, v] = await along(userVectors, embeddings.vectors);
    const kept = await Promise.all([1, 2, 4, 8, v.columns].map((length) => keptScores(w, v, length)));
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(kept.at(-1)).toBe(1);
    expect(kept[2]).toBeGreaterThan(await keptScores(userVectors, embeddings.vectors, 4));
  });

  it("are those of the common axes where users and items share them, the widest scores first", async () => {
    const users = { rows: 3, columns: 3, values: Float32Array.of(1, 0, 0, 0, 2, 0, 0, 0, 3) };
    const items = { rows: 3, columns: 3, values: Float32Array.of(1, 0, 0, 0, 5, 0, 0, 0, 2) };
    expect(Array.from((await fitScoreAxes(users, items)).values, (x) => Math.round(x * 1e4) / 1e4)).toEqual([
      0, 0, 1, 1, 0, 0, 0, 1, 0,
    ]);
  });
});

describe("keptScores", () => {
  it("is one minus the squared error of the scores over their squares", async () => {
    const [users, items] = disordered(9, 12, 10, 6);
    for (const length of [1, 3, 5]) {
      const expected = 1 - scoreError(users, items, length) / scoreError(users, items, 0);
      expect(await keptScores(users, items, length)).toBeCloseTo(expected, 4);
    }
    expect(leadingColumns(items, 2)).toMatchObject({ rows: 10, columns: 2 });
  });
});
