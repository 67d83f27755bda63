/**
 * How well factors follow interactions: of a user's item and one of somebody else, how often the user's is the nearer (an AUC; .5 is
 * chance). Both items are drawn by interactions, so that popularity wins nothing. Factors under wrong ids show here and nowhere else.
 */
import { cosineOf, dot } from "../math/cosine.ts";
import { lowerBound } from "../math/lower-bound.ts";
import { rowOf, type SparseMatrix } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import type { GivenSide } from "./given-factors.ts";

const COMPARISONS = 4000;
/** Of fewer interactions or comparisons, chance may look like agreement. */
const FEWEST = 1000;
const SEED = 1;

/** A user, two of the user's items, and one that the user has not. */
interface Draw {
  readonly user: number;
  readonly item: number;
  readonly own: number;
  readonly other: number;
}

/** The share of draws where a user's item is nearer to another of the same user; undefined where there are too few to judge by. */
export function itemAgreement(interactions: SparseMatrix, { factors, isGiven }: GivenSide): number | undefined {
  const isKnown = ({ item, own, other }: Draw) => item !== own && [item, own, other].every((one) => isGiven[one] === 1);
  const likeness = (a: number, b: number) => cosineOf(rowOf(factors, a), rowOf(factors, b)) ?? 0;
  return shareWon(interactions, isKnown, ({ item, own, other }) => likeness(item, own) - likeness(item, other));
}

/** The share of draws where a user scores an item of the user's above the other; undefined as above. */
export function userAgreement(interactions: SparseMatrix, users: GivenSide, items: GivenSide): number | undefined {
  const isKnown = ({ user, own, other }: Draw) =>
    users.isGiven[user] === 1 && items.isGiven[own] === 1 && items.isGiven[other] === 1;
  const score = (user: number, item: number) => dot(rowOf(users.factors, user), rowOf(items.factors, item));
  return shareWon(interactions, isKnown, ({ user, own, other }) => score(user, own) - score(user, other));
}

/** Ties count half. */
function shareWon(
  interactions: SparseMatrix,
  isKnown: (draw: Draw) => boolean,
  lead: (draw: Draw) => number,
): number | undefined {
  const leads = drawsOf(interactions).filter(isKnown).map(lead);
  if (leads.length < FEWEST) return undefined;
  return leads.reduce((sum, value) => sum + (Math.sign(value) + 1) / 2, 0) / leads.length;
}

function drawsOf({ indptr, indices }: SparseMatrix): Draw[] {
  if (indices.length < FEWEST) return [];
  const random = createRandom(SEED);
  const draws = Array.from({ length: COMPARISONS }, (): Draw => {
    const place = random.integer(indices.length);
    const user = lowerBound(indptr, place + 1) - 1;
    const own = indices[indptr[user] + random.integer(indptr[user + 1] - indptr[user])];
    return { user, item: indices[place], own, other: indices[random.integer(indices.length)] };
  });
  return draws.filter(({ user, other }) => !indices.subarray(indptr[user], indptr[user + 1]).includes(other));
}
