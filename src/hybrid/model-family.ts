/**
 * The family of models that settings choose from: joint training of any number of rounds, served at any settings. What no setting
 * touches is computed once, and a posterior is solved once for every strength of the prior.
 */
import { type AlsModel, fitAls } from "../als/als.ts";
import type { BackendContext } from "../als/half-sweep.ts";
import { timesUnobserved } from "../als/unobserved-weight.ts";
import type { Interactions } from "../data/interactions.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { gramBasis } from "../math/compute/gram-basis.ts";
import { sharedZeros } from "../math/compute/shared-memory.ts";
import type { Matrix } from "../math/matrix.ts";
import { createMatrixRoom } from "../math/matrix-room.ts";
import { once } from "../once.ts";
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
  type JointData,
  type JointModel,
  type JointOptions,
  type JointRound,
  jointRounds,
  preparePlainRefits,
  type TrainingContext,
} from "./joint-training.ts";
import { itemRows } from "./posterior.ts";
import { type SolvedAgainst, solveAgainst, type UserSide, userSide } from "./users.ts";

/** Settings of training, besides those of serving. */
export interface TrainingSettings {
  /** Alternations of joint training. */
  readonly rounds: number;
  /** b: ALS has b times its a0 and 1 / b of its l. */
  readonly alsUnobservedWeight: number;
}

export interface ModelFamily {
  /** Served vectors of all items at given settings, n x d, which stand until other settings are asked for. */
  items(settings: ItemSettings & TrainingSettings): Promise<EmbeddedItems>;
  /** ALS before any round. */
  als(settings: Pick<TrainingSettings, "alsUnobservedWeight">): Promise<AlsModel>;
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
  const starts = remembered(async (times: number): Promise<JointRound> => {
    if (times === 1) return plain;
    const weighed = timesUnobserved(data.als.options, data.interactions, times);
    const als = await fitAls(data.interactions, weighed, quiet(context));
    return { als, ...(await refits()(als.itemFactors)) };
  });
  const roundsFrom = remembered(async (times: number) => {
    const start = await starts(times);
    return jointRounds({ ...data, als: start.als }, start, options, quiet(context), refits);
  });
  const shared = once(() => contentParts({ ...data, regressor: plain.regressor }, options, context.backend));
  const rows = once(() => itemRows(data, options, context.backend));
  const trained = remembered(async (rounds: number, times: number): Promise<SharedParts> => {
    const { als, regressor, prior } = await (await roundsFrom(times))(rounds);
    // What held-out items say of the first regressor stands for the others, which spares half of the time.
    const known = { content: await shared(), itemRows: await rows() };
    const model = { ...data, ...known, als, regressor: { ...plain.regressor, ...regressor }, prior };
    return sharedParts(model, options, context);
  });
  const solved = remembered(async (rounds: number, times: number, strength: number): Promise<EmbeddingParts> => {
    return solvePartsAt(await trained(rounds, times), strength, context);
  });
  const room = createMatrixRoom();
  const itemsAt = keptLast(
    async ({ rounds, alsUnobservedWeight, priorStrength, ...settings }: ItemSettings & TrainingSettings) =>
      assembleItems(await solved(rounds, alsUnobservedWeight, priorStrength), settings, room),
  );
  const sideOf = sidesWithBasis(context);
  return {
    items: ({ rounds, alsUnobservedWeight, priorStrength, channelWeight, lift, contentLift }) =>
      itemsAt({ rounds, alsUnobservedWeight, priorStrength, channelWeight, lift, contentLift }),
    als: async ({ alsUnobservedWeight }) => (await starts(alsUnobservedWeight)).als,
    parts: ({ rounds, alsUnobservedWeight }) => trained(rounds, alsUnobservedWeight),
    users: async (rows, items, settings, spare) => {
      const { columns } = items.vectors;
      const into = spare?.rows === rows.rows && spare.columns === columns ? spare : sharedZeros(rows.rows, columns);
      return solveAgainst({ ...(await sideOf(items, settings)), into }, rows, data.als, settings, quiet(context));
    },
  };
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
