/**
 * The inner split on which the hybrid chooses its settings, from the training data alone. A share of the items is hidden to play
 * the cold ones. One interaction of every user, the latest where there are times, is held out to measure the warm ones. A seeded
 * sample of users measures.
 */
import { type Interactions, itemSupport, takeInteractions } from "../../data/interactions.ts";
import { hideItems, splitColdItems, splitWarmTail, takeEntries } from "../../data/splits/split.ts";
import { type SparseMatrix, takeSparseRows } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import type { ResolvedEmbeddingOptions } from "../embedding-options.ts";
import type { Panel } from "./panel.ts";

export interface InnerSplit {
  /** What the inner models are fitted on: users x items. */
  readonly train: Interactions;
  /** Targets are hidden items. */
  readonly cold: Panel;
  /**
   * Targets are items with behaviour. Hidden ones do not compete: a fifth of the catalog, none of it right here, would make the
   * dial look dearer than it is. Items that are new in fact do compete.
   */
  readonly warm: Panel;
}

/** Splits the training data once more; deterministic in `validation.seed`. */
export function splitValidation(
  interactions: Interactions,
  { validation }: Pick<ResolvedEmbeddingOptions, "validation">,
): InnerSplit {
  const { itemShare, warm: kind, users, seed } = validation;
  const cold = splitColdItems(interactions, { share: itemShare, seed });
  const warm = splitWarmTail(cold.train, { kind, seed });
  const inOrder = kind !== "random" && warm.train.times !== undefined;
  return {
    train: warm.train,
    cold: panelOf(warm.train, inOrder ? onlyLater(cold.test, warm.train) : cold.test, users, seed),
    warm: {
      ...panelOf(warm.train, onlyKnownItems(warm.test, warm.train), users, seed),
      candidates: allBut(cold.coldItems, interactions.columns),
    },
  };
}

/**
 * Where what comes next is asked of warm items, it is asked of hidden ones too: those that a user took after everything in
 * training. All of them where nobody did.
 */
function onlyLater(test: Interactions, train: Interactions): Interactions {
  const latest = latestTimes(train);
  const isLater = new Uint8Array(test.indices.length);
  for (let user = 0; user < test.rows; user++) {
    for (let p = test.indptr[user]; p < test.indptr[user + 1]; p++) {
      isLater[p] = (test.times?.[p] ?? Number.NaN) > latest[user] ? 1 : 0;
    }
  }
  return isLater.includes(1) ? takeEntries(test, isLater, 1) : test;
}

function allBut(items: Uint32Array, count: number): Uint8Array {
  const flags = new Uint8Array(count).fill(1);
  for (const item of items) flags[item] = 0;
  return flags;
}

/** The time of every user's last interaction; -Infinity where none is known. */
function latestTimes({ rows, indptr, times = new Float64Array() }: Interactions): Float64Array {
  return Float64Array.from({ length: rows }, (_, user) =>
    times.subarray(indptr[user], indptr[user + 1]).reduce((most, time) => Math.max(most, time), -Infinity),
  );
}

/** Holding out may take an item's only interaction; such a target would be cold. */
function onlyKnownItems(test: Interactions, train: Interactions): Interactions {
  const support = itemSupport(train);
  const unknown = Array.from(support.keys()).filter((item) => support[item] === 0);
  return hideItems(test, unknown).train;
}

function panelOf(train: Interactions, test: SparseMatrix, most: number, seed: number): Panel {
  const measured = Array.from({ length: test.rows }, (_, u) => u).filter((u) => test.indptr[u + 1] > test.indptr[u]);
  createRandom(seed).shuffle(measured);
  const users = Uint32Array.from(measured.slice(0, most)).sort();
  return { users, train: takeInteractions(train, users), test: takeSparseRows(test, users) };
}
