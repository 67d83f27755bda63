/** A world of two camps: the segment tells which half of the items a user takes. */
import { describe, expect, it } from "vitest";
import type { Attribute } from "../../src/data/catalog.ts";
import { createInteractions, type Interactions } from "../../src/data/interactions.ts";
import { userFeatures } from "../../src/features/user-features.ts";
import { foldInUser } from "../../src/hybrid/fold-in-user.ts";
import { fitHybrid, type HybridModel } from "../../src/hybrid/hybrid.ts";
import { solveUsers } from "../../src/hybrid/user-prior.ts";
import { embedUsers } from "../../src/hybrid/users.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { predictPrior } from "../../src/regressor/regressor.ts";
import { dot } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const USERS = 120;
const ITEMS = 40;
const random = createRandom(12);
const camp = (u: number) => u % 2;
const taken = Array.from({ length: USERS }, (_, u) =>
  Array.from({ length: ITEMS }, (_, i) => i).filter((i) => random.next() < (i % 2 === camp(u) ? 0.4 : 0.04)),
);
const interactions = createInteractions(USERS, ITEMS, {
  users: taken.flatMap((row, u) => row.map(() => u)),
  items: taken.flat(),
  values: taken.flat().map(() => 1),
});
const features = featureBlocks(randomMatrix(random, ITEMS, 4), [{ name: "text", dimension: 4 }]);
const segments = (values: readonly string[]): Attribute[] => [
  { name: "segment", kind: "category", values: values.map((value) => (value === "" ? [] : [value])) },
];
const userAttributes = segments(Array.from({ length: USERS }, (_, u) => (camp(u) === 0 ? "even" : "odd")));
const options = { collaborative: { rank: 6, iterations: 6 }, embeddings: { rounds: 1, channel: null } };

const model = await fitHybrid(interactions, features, options, { userAttributes });

function scoresOf({ embeddings }: HybridModel, user: Float32Array): number[] {
  return Array.from({ length: ITEMS }, (_, i) => dot(user, rowOf(embeddings.vectors, i)));
}

const meanOver = (values: readonly number[], parity: number) =>
  values.filter((_, i) => i % 2 === parity).reduce((sum, value) => sum + value, 0) / (values.length / 2);

describe("a new user", () => {
  it("is shown what users of the same segment take", async () => {
    for (const parity of [0, 1]) {
      const user = await foldInUser(model, [], { attributes: segments([parity === 0 ? "even" : "odd"]) });
      const scores = scoresOf(model, user);
      expect(meanOver(scores, parity)).toBeGreaterThan(2 * Math.abs(meanOver(scores, 1 - parity)));
    }
  });

  it("is the prediction itself before the first interaction", async () => {
    const { userPrior } = model;
    if (userPrior === undefined) throw new Error("expected a user prior");
    const predicted = await predictPrior(userPrior.regressor, userFeatures(userPrior.space, segments(["odd"])));
    const user = await foldInUser(model, [], { attributes: segments(["odd"]) });
    for (const [d, value] of user.entries()) expect(value).toBeCloseTo(predicted.values[d], 5);
  });

  it("without attributes or items is refused, also where the model knows no attributes", async () => {
    await expect(foldInUser(model, [])).rejects.toThrow("at least one item");
    const plain = { ...model, userPrior: undefined };
    await expect(foldInUser(plain, [], { attributes: segments(["odd"]) })).rejects.toThrow("at least one item");
  });

  it("who acts against the segment is believed more with every interaction", async () => {
    const attributes = segments(["even"]);
    const leanings: number[] = [];
    for (const count of [0, 1, 3, 10]) {
      const odd = Array.from({ length: count }, (_, i) => 2 * i + 1);
      const scores = scoresOf(model, await foldInUser(model, odd, { attributes }));
      leanings.push(meanOver(scores, 1) - meanOver(scores, 0));
    }
    expect(leanings).toEqual([...leanings].sort((a, b) => a - b));
    expect(leanings[0]).toBeLessThan(0);
    expect(leanings[3]).toBeGreaterThan(0);
  });
});

describe("users of the training data", () => {
  /** Distance between the solves with and without the prior, as a share of the latter's length. */
  async function influence(rows: Interactions, attributes: readonly Attribute[]): Promise<number> {
    const { userPrior, als, settings, embeddings } = model;
    if (userPrior === undefined) throw new Error("expected a user prior");
    const posterior = { interactions: rows, attributes, items: embeddings, als, prior: userPrior, settings };
    const [aided, plain] = [await solveUsers(posterior), await embedUsers(rows, embeddings, als, settings)];
    const length = (m: Matrix) => Math.hypot(...m.values);
    return Math.hypot(...aided.values.map((value, p) => value - plain.values[p])) / length(plain);
  }

  const session = (count: number) =>
    createInteractions(1, ITEMS, {
      users: Array.from({ length: count }, () => 0),
      items: Array.from({ length: count }, (_, i) => i),
      values: Array.from({ length: count }, () => 1),
    });

  it("are moved less by their attributes the more they have done", async () => {
    const influences = await Promise.all([1, 4, 16, 40].map((count) => influence(session(count), segments(["even"]))));
    expect(influences).toEqual([...influences].sort((a, b) => b - a));
    expect(influences[3]).toBeLessThan(0.25 * influences[0]);
  });

  it("are solved as without attributes when these tell nothing, or there are none", async () => {
    const plain = await fitHybrid(interactions, features, options, { settings: model.settings });
    const silent = await fitHybrid(interactions, features, options, {
      settings: model.settings,
      userAttributes: segments(Array.from({ length: USERS }, () => "")),
    });
    expect(plain.userPrior).toBeUndefined();
    expect(silent).toEqual(plain);
  });
});
