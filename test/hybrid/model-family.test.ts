/** The family of models that settings choose from: what it keeps from one member to the next changes none of them. */
import { expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { timesUnobserved } from "../../src/als/unobserved-weight.ts";
import { UNTUNED } from "../../src/hybrid/defaults.ts";
import { embeddingOptionsSchema } from "../../src/hybrid/embedding-options.ts";
import { fitJoint } from "../../src/hybrid/joint-training.ts";
import { createFamily } from "../../src/hybrid/model-family.ts";
import { dimensionPrecisionOf } from "../../src/hybrid/posterior.ts";
import { parseOptions } from "../../src/options.ts";
import { sameSetting } from "../../src/regressor/regressor.ts";
import { makeWorld } from "../helpers/world.ts";

const { interactions, features } = makeWorld(5, { users: 60, items: 40, perUser: 8 });
const als = await fitAls(interactions, { rank: 6, iterations: 4 });
const options = { ...parseOptions(embeddingOptionsSchema, {}, "embeddings"), regressor: { kind: "ridge" } } as const;
const data = { interactions, features, als };
const plain = await fitJoint(data, { ...options, rounds: 0 });
const familyOf = () => createFamily(data, plain, options, {});

const base = { ...UNTUNED, rounds: 0, alsUnobservedWeight: 1, alsRankTimes: 1 };
const SETTINGS = [
  base,
  { ...base, userRegularization: 2 },
  { ...base, userNormExponent: 0.5 },
  { ...base, channelWeight: 0 },
  { ...base, lift: 0, priorStrength: 4 },
  { ...base, rounds: 1, recencyDecay: 0.4 },
  { ...base, alsUnobservedWeight: 3 },
  { ...base, alsUnobservedWeight: 3, rounds: 1 },
  { ...base, alsRankTimes: 2 },
  { ...base, alsUnobservedWeight: 3, alsRankTimes: 2, rounds: 1 },
  base,
];

it("gives every member as a family that holds nothing else does, whatever was asked for before", async () => {
  const shared = familyOf();
  for (const settings of SETTINGS) {
    const [kept, own] = [shared, familyOf()];
    const [items, alone] = [await kept.items(settings), await own.items(settings)];
    expect(items.vectors).toEqual(alone.vectors);
    expect(await kept.users(interactions, items, settings)).toEqual(await own.users(interactions, alone, settings));
  }
});

it("starts from ALS at the weight of the settings, and from plain ALS at 1", async () => {
  const family = familyOf();
  expect(await family.als(base)).toBe(als);
  const weighed = await fitAls(interactions, timesUnobserved(als.options, interactions, 3));
  expect(await family.als({ ...base, alsUnobservedWeight: 3 })).toEqual(weighed);
  const { prepared } = await family.parts({ ...base, alsUnobservedWeight: 3 });
  expect(prepared.als.userFactors).toEqual(weighed.userFactors);
});

it("has as many more factors as the settings ask, with a regressor that says what it misses of these", async () => {
  const { prepared, prior } = await familyOf().parts({ ...base, alsRankTimes: 2 });
  const larger = await fitAls(interactions, { ...als.options, rank: 12 });
  expect(prepared.als.userFactors).toEqual(larger.userFactors);
  const alone = await fitJoint(
    { interactions, features, als: larger },
    { ...options, rounds: 0, regressor: sameSetting(options.regressor, plain.regressor) },
  );
  expect(prior).toEqual(alone.prior);
  const expected = dimensionPrecisionOf(larger, interactions, alone.regressor.residualVariance);
  expect(prepared.dimensionPrecision).toEqual(expected);
});
