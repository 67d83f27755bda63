/** ALS and a linear prior learnt together: each part solves its equation, and no turn raises the common loss. */
import { beforeAll, describe, expect, it } from "vitest";
import { settledAlsOptionsSchema } from "../../src/als/als-options.ts";
import { rowRegularization } from "../../src/als/half-sweep.ts";
import { alsObjective } from "../../src/als/objective.ts";
import { type FeatureIals, fitFeatureIals } from "../../src/baselines/feature-ials.ts";
import { takeEntries } from "../../src/data/splits/split.ts";
import { type Matrix, rowOf, transposeSparse } from "../../src/math/matrix.ts";
import { makeWorld } from "../helpers/world.ts";

const world = makeWorld(5, { users: 120, items: 60, perUser: 8 });
const COLD = [7, 31, 50];
const train = takeEntries(
  world.interactions,
  Uint8Array.from(world.interactions.indices, (item) => Number(COLD.includes(item))),
  0,
);
const content: Matrix = world.features.values;
const options = { rank: 6, regularization: 0.01, unobservedWeight: 0.1, featureRegularization: 0.2 };
const precision = rowRegularization(
  transposeSparse(train),
  settledAlsOptionsSchema.parse({ rank: 6, regularization: 0.01, unobservedWeight: 0.1 }),
);
const warm = Array.from({ length: 60 }, (_, item) => item).filter((item) => !COLD.includes(item));
const rowWithOne = (item: number) => [...rowOf(content, item), 1];

/** s: the share of the mean diagonal of X' L X. */
const penalty =
  (0.2 * warm.reduce((sum, i) => sum + precision[i] * rowWithOne(i).reduce((part, x) => part + x * x, 0), 0)) /
  (content.columns + 1);

let model: FeatureIals;

beforeAll(async () => {
  model = await fitFeatureIals(train, content, { ...options, iterations: 8 });
});

describe("feature-ials", () => {
  it("solves the ridge of the prior: its gradient is zero", () => {
    const { weights, itemFactors, prior } = model;
    for (let j = 0; j < weights.rows; j++) {
      for (let d = 0; d < weights.columns; d++) {
        const pull = warm.reduce(
          (sum, i) => sum + precision[i] * rowWithOne(i)[j] * (rowOf(itemFactors, i)[d] - rowOf(prior, i)[d]),
          0,
        );
        expect(Math.abs(pull - penalty * rowOf(weights, j)[d])).toBeLessThan(1e-4);
      }
    }
  });

  it("never raises the common loss from one turn to the next", async () => {
    const losses: number[] = [];
    for (const iterations of [1, 2, 4, 8]) {
      const { userFactors, itemFactors, prior, weights } = await fitFeatureIals(train, content, {
        ...options,
        iterations,
      });
      const loss = await alsObjective(train, { userFactors, itemFactors }, { rank: 6, regularization: 0.01 }, prior);
      losses.push(loss + penalty * weights.values.reduce((sum, b) => sum + b * b, 0));
    }
    for (const [turn, loss] of losses.slice(1).entries()) expect(loss).toBeLessThan(losses[turn] * (1 + 1e-6));
  });

  it("gives an item without interactions its prior, which knows who will like it", () => {
    for (const item of COLD) {
      expect(rowOf(model.itemFactors, item)).toEqual(rowOf(model.prior, item));
      const scores = Array.from({ length: 120 }, (_, u) =>
        rowOf(model.userFactors, u).reduce((sum, w, d) => sum + w * rowOf(model.prior, item)[d], 0),
      );
      const affinity = Array.from({ length: 120 }, (_, u) => world.affinity.values[u * 60 + item]);
      expect(correlation(scores, affinity)).toBeGreaterThan(0.5);
    }
  });

  it("is the same for the same seed", async () => {
    expect(await fitFeatureIals(train, content, { ...options, iterations: 8 })).toEqual(model);
  });
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]) => {
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - middle);
  };
  const [x, y] = [centred(a), centred(b)];
  const dot = (p: readonly number[], q: readonly number[]) => p.reduce((sum, value, i) => sum + value * q[i], 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
