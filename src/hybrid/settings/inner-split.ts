/**
 * The inner split on which the hybrid chooses its settings, from the training data alone. It has the form of what the product is
 * for: some items are launched with their first few interactions, some interactions of known items are held out, and all items
 * compete in one list (data/splits/launch-split.ts). Two panels measure: a seeded sample of users, and whoever is asked for an item
 * without interactions.
 */
import { type Interactions, itemSupport, takeInteractions } from "../../data/interactions.ts";
import { splitSimulatedLaunch } from "../../data/splits/launch-split.ts";
import { takeEntries } from "../../data/splits/split.ts";
import { TailrecError } from "../../errors.ts";
import { createTieOrder } from "../../evaluation/ranking/tie-order.ts";
import { takeSparseRows } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import type { ResolvedEmbeddingOptions } from "../embedding-options.ts";
import { newShareOf } from "./new-share.ts";
import { type AskedPanel, asksNobody, type Panel } from "./panel.ts";

export interface InnerSplit {
  /** What the inner models are fitted on: users x items. */
  readonly train: Interactions;
  /** Everything that is asked for, by whoever. */
  readonly test: Interactions;
  readonly panel: Panel;
  /** Asked for items without interactions, which compete among themselves; without users where there are none. */
  readonly cold: AskedPanel;
}

/** Two of five launched items have no interaction: what is new at a moment has none. */
const REVEALED = [0, 0, 1, 3, 10];

/** Splits the training data once more; deterministic in `validation.seed`. NOT_ENOUGH_DATA when they cannot be split. */
export function splitValidation(
  interactions: Interactions,
  { validation, newShare }: Pick<ResolvedEmbeddingOptions, "validation" | "newShare">,
): InnerSplit {
  const { itemShare: share, warm: order, users: most, seed } = validation;
  const { train, test, revealed } = splitSimulatedLaunch(interactions, { share, revealed: REVEALED, order, seed });
  const tieOrder = createTieOrder(interactions.columns, seed);
  const panelOf = (asked: Interactions, candidates: Uint8Array): AskedPanel => {
    const users = sampleUsers(train, asked, most, seed);
    return { users, train: takeInteractions(train, users), test: takeSparseRows(asked, users), candidates, tieOrder };
  };
  const launched = Uint8Array.from(revealed, (n) => (n >= 0 ? 1 : 0));
  const cold = Uint8Array.from(revealed, (n) => (n === 0 ? 1 : 0));
  // Whoever is new in the given data is right nowhere on this split, and would only be in the way.
  const competing = Uint8Array.from(itemSupport(interactions), (n) => (n > 0 ? 1 : 0));
  const launchedShare = shareOf(test, launched);
  const q = newShare === "auto" ? (newShareOf(interactions) ?? launchedShare) : newShare;
  const panel = { ...panelOf(test, competing), launched, newShare: q, launchedShare };
  if (asksNobody(panel)) {
    const message = "expected users with two interactions or more to validate on, received none; set what is auto";
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  return {
    train,
    test,
    panel,
    cold: panelOf(
      takeEntries(
        test,
        Uint8Array.from(test.indices, (item) => cold[item]),
        1,
      ),
      cold,
    ),
  };
}

/** The share of what is asked for that goes to the flagged items. */
function shareOf({ indices }: Interactions, launched: Uint8Array): number {
  return indices.reduce((sum, item) => sum + launched[item], 0) / Math.max(1, indices.length);
}

/** Undefined where nothing can be held out: users with one interaction each, a single item. */
export function splitOrNone(
  interactions: Interactions,
  embeddings: Pick<ResolvedEmbeddingOptions, "validation" | "newShare">,
): InnerSplit | undefined {
  try {
    return splitValidation(interactions, embeddings);
  } catch (error) {
    if (error instanceof TailrecError && error.code === "NOT_ENOUGH_DATA") return undefined;
    throw error;
  }
}

/** Users who are asked for something and of whom something is known: to the others all items are alike. */
function sampleUsers(train: Interactions, asked: Interactions, most: number, seed: number): Uint32Array {
  const holds = ({ indptr }: Interactions, user: number) => indptr[user + 1] > indptr[user];
  const everyone = Uint32Array.from({ length: asked.rows }, (_, user) => user);
  const measured = everyone.filter((user) => holds(asked, user) && holds(train, user));
  createRandom(seed).shuffle(measured);
  return measured.slice(0, most).sort();
}
