/**
 * How well predictions order the items that a regressor holds out, for those who took them: NDCG@10 by user. A user's vector is
 * solved anew from what they took of the other items, as if the held-out ones were new (equation 2). The factors of the other items
 * are those of ALS, which has seen all interactions.
 */
import type { AlsModel } from "../als/als.ts";
import { type BackendContext, solveHalfSweep } from "../als/half-sweep.ts";
import { takeInteractionColumns } from "../data/interactions.ts";
import { factorRanker } from "../evaluation/ranking/scorer.ts";
import { createTieOrder } from "../evaluation/ranking/tie-order.ts";
import { type SparseMatrix, takeRows, takeSparseRows } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import type { HeldOutRanking } from "../regressor/regression-task.ts";
import { measureByUser } from "./settings/panel.ts";

/** Users who are asked, at most. */
const MOST = 2000;

/** Takes the held-out items, ascending, and the seed of the users. */
export function heldOutRanking(
  { interactions, als }: { readonly interactions: SparseMatrix; readonly als: AlsModel },
  context: BackendContext,
): (items: Uint32Array, seed: number) => Promise<HeldOutRanking> {
  return async (items, seed) => {
    const isHeldOut = new Uint8Array(interactions.columns);
    for (const item of items) isHeldOut[item] = 1;
    const users = askedUsers(interactions, isHeldOut, seed);
    const theirs = takeSparseRows(interactions, users);
    const others = Uint32Array.from(isHeldOut.keys()).filter((item) => isHeldOut[item] === 0);
    const factors = takeRows(als.itemFactors, others);
    const rows = takeInteractionColumns(theirs, others);
    const vectors = await solveHalfSweep({ rows, factors }, als.options, context);
    const test = takeInteractionColumns(theirs, items);
    const panel = {
      users,
      train: nothingOf(test),
      test,
      candidates: new Uint8Array(items.length).fill(1),
      tieOrder: createTieOrder(items.length, seed),
    };
    return (prediction) => measureByUser(panel, factorRanker(vectors, prediction, context.backend), context);
  };
}

/** A seeded sample of those who took a held-out item and another one. */
function askedUsers({ rows, indptr, indices }: SparseMatrix, isHeldOut: Uint8Array, seed: number): Uint32Array {
  const asked = Uint32Array.from({ length: rows }, (_, user) => user).filter((user) => {
    let held = 0;
    for (let p = indptr[user]; p < indptr[user + 1]; p++) held += isHeldOut[indices[p]];
    return held > 0 && held < indptr[user + 1] - indptr[user];
  });
  createRandom(seed).shuffle(asked);
  return asked.slice(0, MOST).sort();
}

function nothingOf({ rows, columns }: SparseMatrix): SparseMatrix {
  const [indptr, indices, values] = [new Uint32Array(rows + 1), new Uint32Array(0), new Float32Array(0)];
  return { rows, columns, indptr, indices, values };
}
