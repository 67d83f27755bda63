/**
 * The panel on which it is chosen how items are compared: query items of the inner split, each asked for what its users took next
 * there (evaluation/similar-items.ts). Samples bound what it costs on large data.
 */
import { type Interactions, takeInteractions } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import { createTieOrder, type TieOrder } from "../../evaluation/ranking/tie-order.ts";
import { similarTruth } from "../../evaluation/similar-items.ts";
import { type SparseMatrix, takeColumns, takeSparseRows } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import type { InnerSplit } from "../settings/inner-split.ts";

export interface SimilarPanel {
  /** Rows of the query items. */
  readonly queries: Uint32Array;
  /** Rows of the m items that compete, ascending; columns are places among them. */
  readonly items: Uint32Array;
  /** queries x m: what is neither truth nor candidate. */
  readonly seen: SparseMatrix;
  /** queries x m: how many users went from one to the other. */
  readonly truth: SparseMatrix;
  /** m flags. */
  readonly launched: Uint8Array;
  readonly newShare: number;
  readonly tieOrder: TieOrder;
}

/** Query-item pairs that are scored: what bounds time and memory on any catalog. */
const PAIRS = 6_000_000;
const LEAST_QUERIES = 200;
const MOST_ITEMS = 30_000;
/** Pairs of interactions that are looked at for the truth. */
const EVENTS = 2_000_000;

/** Undefined where the split holds out no pair of items that its training does not show. */
export function similarPanel(
  { train, test, panel }: Pick<InnerSplit, "train" | "test" | "panel">,
  { users: most, seed }: { readonly users: number; readonly seed: number },
): SimilarPanel | undefined {
  const users = affordableUsers(train, test, seed);
  const pairs = truthOrNone(takeInteractions(train, users), takeInteractions(test, users));
  if (pairs === undefined) return undefined;
  const competing = Uint32Array.from(panel.candidates.keys()).filter((item) => panel.candidates[item] === 1);
  const places = Math.min(competing.length, MOST_ITEMS);
  const count = Math.min(most, Math.max(LEAST_QUERIES, Math.floor(PAIRS / places)));
  const asking = Uint32Array.from({ length: pairs.truth.rows }, (_, item) => item).filter(
    (item) => pairs.truth.indptr[item + 1] > pairs.truth.indptr[item],
  );
  const queries = sample(asking, count, seed);
  const asked = takeSparseRows(pairs.truth, queries);
  const items = competitors(competing, asked, seed);
  const truth = takeColumns(asked, items);
  if (truth.indices.length === 0) return undefined;
  return {
    queries,
    items,
    seen: takeColumns(takeSparseRows(pairs.seen, queries), items),
    truth,
    launched: Uint8Array.from(items, (item) => panel.launched[item]),
    newShare: panel.newShare,
    tieOrder: createTieOrder(items.length, seed),
  };
}

function truthOrNone(train: Interactions, test: Interactions): ReturnType<typeof similarTruth> | undefined {
  try {
    return similarTruth(train, test);
  } catch (error) {
    if (error instanceof TailrecError && error.code === "NOT_ENOUGH_DATA") return undefined;
    throw error;
  }
}

/** A seeded sample of the users whose pairs can be looked at; with times every event has one pair, without them one with every other. */
function affordableUsers(train: Interactions, test: Interactions, seed: number): Uint32Array {
  const countOf = ({ indptr }: Interactions, user: number) => indptr[user + 1] - indptr[user];
  const order = Uint32Array.from({ length: train.rows }, (_, user) => user);
  createRandom(seed).shuffle(order);
  let spent = 0;
  const taken = order.filter((user) => {
    const events = countOf(train, user) + countOf(test, user);
    spent += train.times === undefined ? events ** 2 : events;
    return spent <= EVENTS;
  });
  return taken.sort();
}

function sample(rows: Uint32Array, count: number, seed: number): Uint32Array {
  const shuffled = rows.slice();
  createRandom(seed).shuffle(shuffled);
  return shuffled.slice(0, count).sort();
}

/** All that compete, or a seeded sample of them with everything that is asked for. */
function competitors(competing: Uint32Array, asked: SparseMatrix, seed: number): Uint32Array {
  if (competing.length <= MOST_ITEMS) return competing;
  const among = new Set(competing);
  const targets = asked.indices.filter((item) => among.has(item));
  return Uint32Array.from(new Set([...sample(competing, MOST_ITEMS, seed), ...targets])).sort();
}
