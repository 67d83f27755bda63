/**
 * Whom to recommend to: a user of the data, or someone new, known by the items they took and by what is said of them.
 * Exactly one of the two: a user's own vector already holds what they took.
 */
import { TailrecError } from "../errors.ts";
import { foldInUser } from "../hybrid/fold-in-user.ts";
import { rowOf } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import type { BundleSession } from "./bundle-session.ts";
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
  if (user !== undefined && !isDescribed(person)) {
    const row = session.userRow(user);
    const { indptr, indices } = bundle.interactions;
    return { vector: rowOf(bundle.model.userVectors, row), seen: indices.subarray(indptr[row], indptr[row + 1]) };
  }
  if (user === undefined && isDescribed(person)) {
    const rows = (items ?? []).map(session.itemRow);
    const attributes = userAttributes && newUserAttributes(bundle.model.userPrior, userAttributes);
    return { vector: await foldInUser(bundle.model, rows, { ...context, attributes }), seen: [...new Set(rows)] };
  }
  const received = user === undefined ? "neither" : "both";
  const message = `expected either a user of the data, or items and attributes of someone new, received ${received}`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}
