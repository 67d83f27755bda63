/** The solve of users has options of its own, by which it holds a rival: a ridge per user on content alone. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { contentRidge } from "../../src/baselines/content-ridge.ts";
import { itemSupport } from "../../src/data/interactions.ts";
import { contentVectors } from "../../src/hybrid/content-channel.ts";
import { UNTUNED } from "../../src/hybrid/defaults.ts";
import { embedItems } from "../../src/hybrid/items.ts";
import { createUserSolver } from "../../src/hybrid/user-solver.ts";
import { embedUsers, userSolveOptions } from "../../src/hybrid/users.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { rowOf, takeSparseRows } from "../../src/math/matrix.ts";
import { fitRegressor } from "../../src/regressor/regressor.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { makeWorld } from "../helpers/world.ts";

const { interactions, features } = makeWorld(4, { users: 80, items: 50, perUser: 8 });
const users = Uint32Array.from({ length: 80 }, (_, user) => user);

async function worldWith(weight: number) {
  const als = await fitAls(interactions, { rank: 6, iterations: 4, unobservedWeight: 0.2, regularizationExponent: 0 });
  const regressor = await fitRegressor({ features, factors: als.itemFactors, support: itemSupport(interactions) });
  const data = { als, interactions, features, regressor };
  return { als, regressor, items: await embedItems(data, { lift: 0, contentLift: 0, channel: { weight } }) };
}

describe("users with a regularisation and a weight of unobserved pairs of their own", () => {
  it("rank as content-ridge does where content outweighs the factors", async () => {
    const { als, regressor, items } = await worldWith(1000);
    const [regularization, unobservedWeight] = [3, 0.05];
    const length = items.channel?.length ?? Number.NaN;
    const settings = {
      ...UNTUNED,
      userRegularization: (regularization * length ** 2) / als.options.regularization,
      userUnobservedWeight: unobservedWeight / als.options.unobservedWeight,
    };
    const vectors = await embedUsers(interactions, items, als, settings);
    const scores = await defaultBackend().multiplyTransposed(vectors, items.vectors);
    const content = contentVectors(features, regressor.standardisation);
    const ridge = await contentRidge(interactions, content, { regularization, unobservedWeight });
    expect(largestDifference(scores.values, (await ridge.score(users)).values)).toBeLessThan(1e-4);
  });

  it("are not told by an item that few have met that they turned it down", async () => {
    const { als, items } = await worldWith(0.5);
    const settings = { ...UNTUNED, userUnobservedWeight: 3, userExposure: 2 };
    const users = await embedUsers(interactions, items, als, settings);
    const { support, vectors } = items;
    const half = (2 * support.reduce((sum, n) => sum + n, 0)) / support.length;
    const { unobservedWeight, regularization } = userSolveOptions(als.options, settings);
    // Equation 2 of one user, each item's 0 weighed by its exposure.
    const [user, d] = [7, vectors.columns];
    const system = Array.from({ length: d }, (_, a) =>
      Array.from({ length: d }, (_, b) => (a === b ? regularization : 0)),
    );
    const right = new Array<number>(d).fill(0);
    const taken = interactions.indices.subarray(interactions.indptr[user], interactions.indptr[user + 1]);
    for (let i = 0; i < vectors.rows; i++) {
      const [v, isTaken] = [rowOf(vectors, i), taken.includes(i)];
      const weight = (unobservedWeight * support[i]) / (support[i] + half) + (isTaken ? 1 : 0);
      for (let a = 0; a < d; a++) {
        if (isTaken) right[a] += v[a];
        for (let b = 0; b < d; b++) system[a][b] += weight * v[a] * v[b];
      }
    }
    const residual = system.map(
      (row, a) => row.reduce((sum, value, b) => sum + value * rowOf(users, user)[b], 0) - right[a],
    );
    expect(Math.max(...residual.map(Math.abs))).toBeLessThan(1e-4);
  });

  it("are solved alike together and one by one", async () => {
    const { als, items } = await worldWith(0.5);
    const settings = { ...UNTUNED, userRegularization: 4, userUnobservedWeight: 0.3 };
    const together = await embedUsers(interactions, items, als, settings);
    const unaided = await embedUsers(interactions, items, als);
    const solver = createUserSolver({ als, embeddings: items, settings });
    const one = await solver.solve({ ...takeSparseRows(interactions, [7]) });
    expect(largestDifference(one, rowOf(together, 7))).toBeLessThan(1e-5);
    expect(largestDifference(one, rowOf(unaided, 7))).toBeGreaterThan(0.01);
  });
});
