/** Rivals that the hybrid holds: the settings at which it ranks as they do. `users.test.ts` has content-ridge. */
import { describe, expect, it } from "vitest";
import { fitAls, foldInUsers } from "../../src/als/als.ts";
import { itemSupport } from "../../src/data/interactions.ts";
import { UNTUNED } from "../../src/hybrid/defaults.ts";
import { embedItems } from "../../src/hybrid/items.ts";
import { embedUsers } from "../../src/hybrid/users.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { fitRegressor, predictPrior } from "../../src/regressor/regressor.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { makeWorld } from "../helpers/world.ts";

const { interactions, features } = makeWorld(5, { users: 80, items: 50, perUser: 8 });
const als = await fitAls(interactions, { rank: 6, iterations: 12, unobservedWeight: 0.2 });
const regressor = await fitRegressor({ features, factors: als.itemFactors, support: itemSupport(interactions) });
const itemsAt = (priorStrength: number) =>
  embedItems({ als, interactions, features, regressor }, { priorStrength, channel: null, lift: 0 });

describe("the family of the hybrid", () => {
  it("holds als: without prior and channel its items are those of ALS, and its users are ALS's next half-sweep", async () => {
    const items = await itemsAt(0);
    expect(largestDifference(items.vectors.values, als.itemFactors.values)).toBeLessThan(1e-6);
    expect([...items.uncertainty].every(Number.isFinite)).toBe(true);
    const users = await embedUsers(interactions, items, als, UNTUNED);
    const { multiplyTransposed } = defaultBackend();
    const [scores, next] = [
      await multiplyTransposed(users, items.vectors),
      await multiplyTransposed(await foldInUsers(interactions, als.itemFactors, als.options), als.itemFactors),
    ];
    expect(largestDifference(scores.values, next.values)).toBeLessThan(1e-5);
  });

  it("holds the items of regression-mse: a strong prior leaves what the features predict, to any precision", async () => {
    const prior = await predictPrior(regressor, features);
    const apart = async (strength: number) => largestDifference((await itemsAt(strength)).vectors.values, prior.values);
    expect(await apart(1e6)).toBeLessThan(1e-2 * (await apart(1)));
  });
});
