/** What users took and did not take: pairs without their weights, membership by halving, and uniform draws of other items. */
import { lowerBound } from "../math/lower-bound.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import type { Random } from "../math/random.ts";

/** The same pairs, each with the value 1. */
export function onesOf(train: SparseMatrix): SparseMatrix {
  return { ...train, values: new Float32Array(train.values.length).fill(1) };
}

/** Whether a user has taken an item: columns of a row ascend. */
export function hasTaken({ indptr, indices }: SparseMatrix, user: number, item: number): boolean {
  const place = lowerBound(indices, item, indptr[user], indptr[user + 1]);
  return place < indptr[user + 1] && indices[place] === item;
}

/** Draws before a user counts as one who has taken almost everything. */
const MOST_DRAWS = 100;

/** An item drawn evenly from those that the user has not taken; any item for a user who has taken almost all. */
export function drawOther(train: SparseMatrix, user: number, random: Random): number {
  let item = random.integer(train.columns);
  for (let draw = 1; draw < MOST_DRAWS && hasTaken(train, user, item); draw++) item = random.integer(train.columns);
  return item;
}
