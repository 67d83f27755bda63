/**
 * Whom to recommend to: a user of the data, or someone new, known by the items they took and by what is said of them.
 * Exactly one of the two: a user's own vector already holds what they took.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import { createInteractions, type Interactions, takeInteractions } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import { foldInUser } from "../../hybrid/fold-in-user.ts";
import { rowOf } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession, LiveHistory } from "../bundle-session.ts";
import { newUserAttributes } from "./new-user.ts";

export interface Person {
  /** Id of a user of the data. */
  readonly user?: string;
  /** Ids of items that someone took, the latest last. */
  readonly items?: readonly string[];
  /** What is said of someone new, by the names of the users file. */
  readonly userAttributes?: Readonly<Record<string, string | number>>;
}

export interface Taste {
  /** d values. */
  readonly vector: Float32Array;
  /** Item rows that are known already and never listed. */
  readonly seen: ArrayLike<number> & Iterable<number>;
}

/** Whether anything is said of the person besides an id. */
export function isDescribed({ items, userAttributes }: Person): boolean {
  return items !== undefined || userAttributes !== undefined;
}

/** UNKNOWN_USER, UNKNOWN_ITEM, or INVALID_ARGUMENT for an attribute that the bundle does not know, for neither and for both. */
export async function tasteOf(session: BundleSession, person: Person, context: RunContext): Promise<Taste> {
  const { bundle } = session;
  const { user, items, userAttributes } = person;
  if (user !== undefined && !isDescribed(person)) return userTaste(session, user, context);
  if (user === undefined && isDescribed(person)) {
    const rows = (items ?? []).map(session.itemRow);
    const attributes = userAttributes && newUserAttributes(bundle.model.userPrior, userAttributes);
    return {
      vector: await foldInUser(bundle.model, rows, { attributes, solver: session.userSolver(), ...context }),
      seen: [...new Set(rows)],
    };
  }
  const received = user === undefined ? "neither" : "both";
  const message = `expected either a user of the data, or items and attributes of someone new, received ${received}`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}

/** A user of the data by their own vector; by all they did where that is more, and by what they did since where the data know no such user. */
async function userTaste(session: BundleSession, user: string, context: RunContext): Promise<Taste> {
  const { bundle } = session;
  const history = session.history(user);
  const known =
    session.findUser(user) !== undefined || history === undefined ? ownRow(bundle, session.userRow(user)) : undefined;
  if (history === undefined || history.rows.length === 0) {
    const vector = known === undefined ? new Float32Array(session.index.vectors.columns) : known.vector;
    return { vector, seen: [...(known?.seen ?? []), ...(history?.dismissed ?? [])] };
  }
  const row = joinedRow(session.index.vectors.rows, known?.interactions, history);
  const vector = await session.userSolver().solve(row, undefined, context);
  return { vector, seen: [...row.indices, ...history.dismissed] };
}

function ownRow({ interactions, model }: Bundle, row: number) {
  const { indptr, indices } = interactions;
  const own = takeInteractions(interactions, [row]);
  return {
    vector: rowOf(model.userVectors, row),
    seen: indices.subarray(indptr[row], indptr[row + 1]),
    interactions: own,
  };
}

/** One row over all items: what the data have, and what came since. */
function joinedRow(
  items: number,
  known: Interactions | undefined,
  { rows, weights, times }: LiveHistory,
): Interactions {
  const count = rows.length;
  const none = new Float64Array(known?.indices.length ?? 0).fill(Number.NaN);
  return createInteractions(1, items, {
    users: new Uint32Array((known?.indices.length ?? 0) + count),
    items: [...(known?.indices ?? []), ...rows],
    values: [...(known?.values ?? []), ...weights],
    times: [...(known?.times ?? none), ...times],
  });
}
