/**
 * A panel: some users with what they are shown to have taken and what they are asked for, and one number for a model on it,
 *   J = (1 - q) NDCG@10 of known items + q NDCG@10 of launched items,
 * each ranked in the whole catalog and in mean over the users who hold such a target. q is the share of what comes next that goes to
 * new items. How a model orders new items among themselves is a figure of another panel, of all who are asked for one. A model's
 * row i is the panel's user i.
 */
import type { Interactions } from "../../data/interactions.ts";
import { rankTargets } from "../../evaluation/ranking/measurement.ts";
import type { Ranker } from "../../evaluation/ranking/scorer.ts";
import type { RankingRoom } from "../../evaluation/ranking/target-ranks.ts";
import type { TieOrder } from "../../evaluation/ranking/tie-order.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import { mean } from "../../math/statistics.ts";
import type { RunContext } from "../../run-context.ts";

export interface AskedPanel {
  /** Rows of these users in the whole data. */
  readonly users: Uint32Array;
  readonly train: Interactions;
  readonly test: SparseMatrix;
  /** A flag per item: 0 for those that do not compete. */
  readonly candidates: Uint8Array;
  /** Who comes first among equal scores. */
  readonly tieOrder: TieOrder;
  /** Where vectors lie from one measurement to the next. */
  readonly room?: RankingRoom;
}

export interface Panel extends AskedPanel {
  /** A flag per item. */
  readonly launched: Uint8Array;
  /** q. */
  readonly newShare: number;
  /** Share of all that the split asks for that goes to launched items, whatever q says. */
  readonly launchedShare: number;
}

/** NDCG@10 of the parts, and J. */
export interface Figures {
  readonly known: number;
  readonly launched: number;
  /** J; of one part alone where nobody is asked for the other. */
  readonly objective: number;
}

/** Figures with their values by user, NaN for users without such a target. */
export interface PanelFigures extends Figures {
  readonly byUser: { readonly known: Float64Array; readonly launched: Float64Array };
}

const DEPTH = 10;

/** Ranks every candidate for every user of the panel. */
export async function measureOnPanel(panel: Panel, model: Ranker, context: RunContext = {}): Promise<PanelFigures> {
  const ranks = await ranksOn(panel, model, context);
  const known = ndcgByUser(panel.test, ranks, (item) => panel.launched[item] === 0);
  const launched = ndcgByUser(panel.test, ranks, (item) => panel.launched[item] === 1);
  const parts = { known: meanOf(known), launched: meanOf(launched) };
  const q = weightOfLaunched(panel.newShare, known, launched);
  return { ...parts, objective: (1 - q) * parts.known + q * parts.launched, byUser: { known, launched } };
}

/** NDCG@10 of everything that the panel is asked for; 0 where it is asked for nothing. */
export async function measureAll(panel: AskedPanel, model: Ranker, context: RunContext = {}): Promise<number> {
  return meanOf(await measureByUser(panel, model, context));
}

/** The same by user; NaN for who is asked for nothing. */
export async function measureByUser(panel: AskedPanel, model: Ranker, context: RunContext = {}): Promise<Float64Array> {
  return ndcgByUser(panel.test, await ranksOn(panel, model, context), () => true);
}

export function asksNobody({ users }: AskedPanel): boolean {
  return users.length === 0;
}

async function ranksOn(
  { train, test, candidates: targets, tieOrder, room }: AskedPanel,
  model: Ranker,
  { signal }: RunContext,
): Promise<ArrayLike<number>> {
  const rows = tieOrder.rows.filter((item) => targets[item] === 1);
  const request = { train, test, candidateSets: [{ rows, targets }], tieOrder, depth: DEPTH, listLength: 0, room };
  return (await rankTargets({ name: "validation", ...model }, request, { signal })).ranks[0];
}

/** A rank of 0 is none: the target does not compete. */
function ndcgByUser(
  { rows, indptr, indices }: SparseMatrix,
  ranks: ArrayLike<number>,
  isAsked: (item: number) => boolean,
): Float64Array {
  return Float64Array.from({ length: rows }, (_, user) => {
    let [gain, targets] = [0, 0];
    for (let p = indptr[user]; p < indptr[user + 1]; p++) {
      if (!isAsked(indices[p])) continue;
      targets++;
      if (ranks[p] > 0 && ranks[p] <= DEPTH) gain += discount(ranks[p]);
    }
    let ideal = 0;
    for (let rank = 1; rank <= Math.min(targets, DEPTH); rank++) ideal += discount(rank);
    return targets === 0 ? Number.NaN : gain / ideal;
  });
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 1);
}

/** Of the values that are numbers; 0 without any. */
export function meanOf(values: Float64Array): number {
  const given = values.filter((value) => !Number.isNaN(value));
  return given.length === 0 ? 0 : mean(given);
}

/** q, or 0 or 1 where only one part is asked for. */
export function weightOfLaunched(newShare: number, known: Float64Array, launched: Float64Array): number {
  if (launched.every(Number.isNaN)) return 0;
  return known.every(Number.isNaN) ? 1 : newShare;
}
