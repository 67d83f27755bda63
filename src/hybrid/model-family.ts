/**
 * The family of models that settings choose from: joint training of any number of rounds, served at any settings. What no setting
 * touches is computed once, and a posterior is solved once for every strength of the prior.
 */
import { type AlsModel, fitAls } from "../als/als.ts";
import type { BackendContext } from "../als/half-sweep.ts";
import type { Interactions } from "../data/interactions.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { gramBasis } from "../math/compute/gram-basis.ts";
import { sharedZeros } from "../math/compute/shared-memory.ts";
import type { Matrix } from "../math/matrix.ts";
import { createMatrixRoom } from "../math/matrix-room.ts";
import { once } from "../once.ts";
import { sameSetting } from "../regressor/regressor.ts";
import type { ItemSettings, UserSettings } from "./defaults.ts";
import {
  contentParts,
  type EmbeddingParts,
  type PartsOptions,
  type SharedParts,
  sharedParts,
  solvePartsAt,
} from "./item-parts.ts";
import { assembleItems, type EmbeddedItems } from "./items.ts";
import {
  fitJoint,
  type JointData,
  type JointModel,
  type JointOptions,
  jointRounds,
  type PlainData,
  preparePlainRefits,
  type TrainingContext,
} from "./joint-training.ts";
import { isPlainAls, type OwnAlsSettings, ownAlsOptions } from "./own-als.ts";
import { itemRows } from "./posterior.ts";
import { type SolvedAgainst, solveAgainst, type UserSide, userSide } from "./users.ts";

/** Settings of training, besides those of serving. */
export interface TrainingSettings extends OwnAlsSettings {
  /** Alternations of joint training. */
  readonly rounds: number;
}

export interface ModelFamily {
  /** Served vectors of all items at given settings, n x d, which stand until other settings are asked for. */
  items(settings: ItemSettings & TrainingSettings): Promise<EmbeddedItems>;
  /** ALS before any round. */
  als(settings: OwnAlsSettings): Promise<AlsModel>;
  /** What of the items no setting of serving touches. */
  parts(settings: TrainingSettings): Promise<SharedParts>;
  /** Users (rows of interactions with the n items) against served items: users x d, in place of vectors that nobody needs any more. */
  users(rows: Interactions, items: SolvedAgainst, settings: UserSettings, spare?: Matrix): Promise<Matrix>;
}

/** Prepares the family around plain ALS with its regressor, the model of no round. */
export function createFamily(
  data: JointData & { readonly interactions: Interactions },
  plain: JointModel,
  options: PartsOptions & Omit<JointOptions, "rounds">,
  context: TrainingContext,
): ModelFamily {
  const refits = once(() => preparePlainRefits(data, options.regressor, plain, context));
  const starts = remembered(async (alsUnobservedWeight: number, alsRankTimes: number): Promise<JointModel> => {
    const settings = { alsUnobservedWeight, alsRankTimes };
    if (isPlainAls(settings)) return plain;
    const own = await ownAlsOptions(data.als.options, data.interactions, settings, context);
    const als = await fitAls(data.interactions, own, quiet(context));
    if (alsRankTimes > 1) return fitAtSetting({ ...data, als }, options, plain, context);
    // What held-out items say of the first regressor stands for the others, which spares half of the time.
    const { regressor, prior } = await refits()(als.itemFactors);
    return { ...plain, als, prior, regressor: { ...plain.regressor, ...regressor } };
  });
  const roundsFrom = remembered(async (weight: number, rankTimes: number) => {
    const start = await starts(weight, rankTimes);
    const prepared = rankTimes === 1 ? refits : undefined;
    return jointRounds({ ...data, als: start.als }, start, options, quiet(context), prepared);
  });
  const shared = once(() => contentParts({ ...data, regressor: plain.regressor }, options, context.backend));
  const rows = once(() => itemRows(data, options, context.backend));
  const trained = remembered(async (rounds: number, ...own: [number, number]): Promise<SharedParts> => {
    const [first, { als, regressor, prior }] = [await starts(...own), await (await roundsFrom(...own))(rounds)];
    const known = { content: await shared(), itemRows: await rows() };
    const model = { ...data, ...known, als, regressor: { ...first.regressor, ...regressor }, prior };
    return sharedParts(model, options, context);
  });
  const solved = remembered(
    async (strength: number, ...training: [number, number, number]): Promise<EmbeddingParts> => {
      return solvePartsAt(await trained(...training), strength, context);
    },
  );
  const room = createMatrixRoom();
  const itemsAt = keptLast(
    async ({
      rounds,
      alsUnobservedWeight,
      alsRankTimes,
      priorStrength,
      ...settings
    }: ItemSettings & TrainingSettings) =>
      assembleItems(await solved(priorStrength, rounds, alsUnobservedWeight, alsRankTimes), settings, room),
  );
  const sideOf = sidesWithBasis(context);
  return {
    items: ({ rounds, alsUnobservedWeight, alsRankTimes, priorStrength, channelWeight, lift, contentLift }) =>
      itemsAt({ rounds, alsUnobservedWeight, alsRankTimes, priorStrength, channelWeight, lift, contentLift }),
    als: async ({ alsUnobservedWeight, alsRankTimes }) => (await starts(alsUnobservedWeight, alsRankTimes)).als,
    parts: ({ rounds, alsUnobservedWeight, alsRankTimes }) => trained(rounds, alsUnobservedWeight, alsRankTimes),
    users: async (rows, items, settings, spare) => {
      const { columns } = items.vectors;
      const into = spare?.rows === rows.rows && spare.columns === columns ? spare : sharedZeros(rows.rows, columns);
      return solveAgainst({ ...(await sideOf(items, settings)), into }, rows, data.als, settings, quiet(context));
    },
  };
}

/** A model of no round around other factors: the regressor is fitted at the setting that was chosen, and says what it misses of these. */
function fitAtSetting(
  { interactions, features, als }: PlainData,
  options: Omit<JointOptions, "rounds">,
  { regressor }: JointModel,
  context: TrainingContext,
): Promise<JointModel> {
  const settled = { ...options, rounds: 0, regressor: sameSetting(options.regressor, regressor) };
  return fitJoint({ interactions, features, als }, settled, quiet(context));
}

/** The side that users are solved with, and its basis: settings of the users alone share both. */
function sidesWithBasis({ backend = defaultBackend() }: TrainingContext) {
  const room = createMatrixRoom();
  const sidesOf = (items: SolvedAgainst) =>
    keptLast(async (settings: Pick<UserSettings, "userNormExponent" | "userExposure">): Promise<UserSide> => {
      const side = await userSide(items, settings, { backend }, room);
      return { ...side, basis: await gramBasis(side.gram, backend) };
    });
  let last: { readonly items: SolvedAgainst; readonly sideAt: ReturnType<typeof sidesOf> } | undefined;
  return (items: SolvedAgainst, { userNormExponent, userExposure }: UserSettings): Promise<UserSide> => {
    if (last?.items !== items) last = { items, sideAt: sidesOf(items) };
    return last.sideAt({ userNormExponent, userExposure });
  };
}

/** The function, whose last value is kept: a search often asks for the same again. */
function keptLast<S extends object, T>(compute: (settings: S) => Promise<T>): (settings: S) => Promise<T> {
  let last: { readonly key: string; readonly value: Promise<T> } | undefined;
  return (settings) => {
    const key = JSON.stringify(settings);
    if (last?.key !== key) last = { key, value: compute(settings) };
    return last.value;
  };
}

/** The function, computed once for the same numbers. */
function remembered<A extends readonly number[], T>(
  compute: (...numbers: A) => Promise<T>,
): (...numbers: A) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (...numbers) => {
    const key = numbers.join(" ");
    const value = known.get(key) ?? compute(...numbers);
    known.set(key, value);
    return value;
  };
}

/** The trials of a search are the stage; what one of them does is not shown. */
function quiet<C extends BackendContext>(context: C): C {
  return { ...context, onProgress: undefined };
}
