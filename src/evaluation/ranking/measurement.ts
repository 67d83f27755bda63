/**
 * One pass over a contender: the ranks of all targets in all candidate sets, and the catalog's lists where they are asked for.
 * Metrics need nothing else. Any scorer: scores of a block of users at a time, ranks by counting. Inner products: lists from
 * the top-k kernel (`factor-ranking.ts`), exact as far as the deepest metric looks. Ready-made lists: as they are.
 */
import { setImmediate } from "node:timers/promises";
import { TailrecError } from "../../errors.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { createMatrixRoom } from "../../math/matrix-room.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { Ranks } from "../metrics/metric-values.ts";
import { bestRows } from "./best-rows.ts";
import { rankFactors } from "./factor-ranking.ts";
import { rankLists } from "./list-ranking.ts";
import { rankOf } from "./ranking.ts";
import type { CandidateSet } from "./ranking-tasks.ts";
import type { Contender, ScoredContender } from "./scorer.ts";
import { type RankingRequest, rowsWithTargets, type TargetRanks, unfilledRanks } from "./target-ranks.ts";

/** Rows scored at once; at 20,000 items their scores are 20 MB. */
const BLOCK = 256;

/**
 * The ranks of the test set's items in every candidate set.
 * A score that is not finite, or a block of the wrong shape, is an INVALID_ARGUMENT.
 */
export async function rankTargets(
  contender: Contender,
  request: RankingRequest,
  context: RunContext,
): Promise<TargetRanks> {
  const [ranks] = await rankTogether([contender], request, context);
  return ranks;
}

/** The same of each contender. Neighbours whose scores are the same products times other factors share the pass over them. */
export async function rankEach(
  contenders: readonly Contender[],
  request: RankingRequest,
  context: RunContext,
): Promise<TargetRanks[]> {
  const ranks: TargetRanks[] = [];
  for (let begin = 0; begin < contenders.length; ) {
    let end = begin + 1;
    while (end < contenders.length && shareProducts(contenders[begin], contenders[end])) end++;
    ranks.push(...(await rankTogether(contenders.slice(begin, end), request, context)));
    begin = end;
  }
  return ranks;
}

function shareProducts(a: Contender, b: Contender): boolean {
  if ("lists" in a || "lists" in b || a.factors === undefined || b.factors === undefined) return false;
  return a.factors.queries === b.factors.queries && a.factors.items === b.factors.items;
}

/** One contender, or several that share their products. */
async function rankTogether(
  contenders: readonly Contender[],
  request: RankingRequest,
  context: RunContext,
): Promise<TargetRanks[]> {
  const rows = rowsWithTargets(request.test);
  const found = contenders.map(() => unfilledRanks(request, rows.length));
  const factored = contenders.flatMap((one) => ("lists" in one || one.factors === undefined ? [] : [one.factors]));
  const [contender] = contenders;
  if ("lists" in contender) rankLists(contender, request, rows, found[0]);
  else if (factored.length > 0) await rankFactors(contender.name, factored, request, rows, found, context);
  else await rankScores(contender, request, rows, found[0], context);
  return found;
}

async function rankScores(
  contender: ScoredContender,
  { train, test, candidateSets, tieOrder: { places }, depth, listLength }: RankingRequest,
  rows: Uint32Array,
  { ranks, lists }: TargetRanks,
  context: RunContext,
): Promise<void> {
  const unseen = new Float32Array(train.columns);
  const room = createMatrixRoom();
  for (let begin = 0; begin < rows.length; begin += BLOCK) {
    const block = rows.slice(begin, begin + BLOCK);
    const scores = await contender.score(block, room(block.length, train.columns));
    checkScores(contender.name, block, scores, train.columns);
    for (const [i, row] of block.entries()) {
      unseen.set(rowOf(scores, i));
      for (let p = train.indptr[row]; p < train.indptr[row + 1]; p++) unseen[train.indices[p]] = -Infinity;
      for (const [r, candidateSet] of candidateSets.entries()) {
        rankRow(candidateSet, { scores: unseen, places, depth, test, row }, ranks[r]);
      }
      if (listLength > 0) lists.set(bestRows(unseen, candidateSets[0].rows, listLength), (begin + i) * listLength);
    }
    context.onProgress?.({ stage: `evaluate ${contender.name}`, done: begin + block.length, total: rows.length });
    // A scorer may never leave this thread, and a cancellation arrives only when the event loop turns.
    await setImmediate();
    throwIfInterrupted(context);
  }
}

interface ScoredRow extends Pick<RankingRequest, "test" | "depth"> {
  readonly scores: Float32Array;
  readonly places: Uint32Array;
  readonly row: number;
}

function rankRow({ rows, targets }: CandidateSet, { scores, places, depth, test, row }: ScoredRow, ranks: Ranks): void {
  for (let p = test.indptr[row]; p < test.indptr[row + 1]; p++) {
    const target = test.indices[p];
    if (targets[target] !== 0) ranks[p] = rankOf(scores, rows, target, places, depth);
  }
}

function checkScores(name: string, asked: Uint32Array, scores: Matrix, items: number): void {
  const { rows, columns, values } = scores;
  if (rows !== asked.length || columns !== items || values.length !== asked.length * items) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `model "${name}": expected scores of ${asked.length} users x ${items} items, ` +
        `received ${rows} x ${columns} with ${values.length} values`,
    );
  }
  for (let p = 0; p < values.length; p++) {
    if (Number.isFinite(values[p])) continue;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `model "${name}": expected finite scores, received ${values[p]} for user row ${asked[Math.floor(p / items)]}, ` +
        `item row ${p % items}; its model has diverged or was given non-finite input`,
    );
  }
}
