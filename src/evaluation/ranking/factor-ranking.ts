/**
 * Ranks and lists of a model whose scores are inner products: the best `depth` items of every row from the top-k kernel, which skips the
 * row's training items itself. A metric at k looks no further than k, so nothing is lost and no score is stored.
 * A slice is its own small search: its item vectors, and the rows that hold a target in it.
 */
import { setImmediate } from "node:timers/promises";
import { TailrecError } from "../../errors.ts";
import { sharedZeros } from "../../math/compute/shared-memory.ts";
import { firstBrokenRow, type Matrix, type SparseMatrix, takeRows } from "../../math/matrix.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { CandidateSet } from "./ranking-tasks.ts";
import type { Factors } from "./scorer.ts";
import { placeTargets, type RankingRequest, type TargetRanks } from "./target-ranks.ts";

/** Rows searched in one call: long enough for every thread, short enough for progress and cancellation. Their vectors are made once. */
const BLOCK = 4096;

/** Fills `targetRanks`. Vectors of the wrong shape or not finite are an INVALID_ARGUMENT. */
export async function rankFactors(
  name: string,
  factors: Factors,
  request: RankingRequest,
  rows: Uint32Array,
  targetRanks: TargetRanks,
  context: RunContext,
): Promise<void> {
  checkFactors(name, factors, request.train);
  const { candidateSets, test } = request;
  const searches = candidateSets.map((candidateSet) => createSearch(factors, candidateSet, request));
  for (let begin = 0; begin < rows.length; begin += BLOCK) {
    const block = rows.subarray(begin, begin + BLOCK);
    const queries = await factors.queries.take(block);
    checkFinite(name, "user", queries, block);
    for (const [r, candidateSet] of candidateSets.entries()) {
      const places = Uint32Array.from(block.keys()).filter((i) => holdsTarget(candidateSet, test, block[i]));
      if (places.length === 0) continue;
      const asked = places.length === block.length ? queries : takeRows(queries, places);
      const asking = places.map((i) => block[i]);
      const { items, count } = await searches[r](asked, asking);
      for (const [p, i] of places.entries()) {
        const list = items.subarray(p * count, (p + 1) * count);
        placeTargets(candidateSet, list, test, block[i], targetRanks.ranks[r]);
        if (r === 0) targetRanks.lists.set(list.subarray(0, request.listLength), (begin + i) * request.listLength);
      }
    }
    context.onProgress?.({ stage: `evaluate ${name}`, done: begin + block.length, total: rows.length });
    await setImmediate();
    throwIfInterrupted(context);
  }
}

function holdsTarget(candidateSet: CandidateSet, { indptr, indices }: SparseMatrix, row: number): boolean {
  for (let p = indptr[row]; p < indptr[row + 1]; p++) if (candidateSet.targets[indices[p]] !== 0) return true;
  return false;
}

interface FoundLists {
  readonly count: number;
  /** Item rows of the catalog, `count` a searched row; -1 beyond the last candidate. */
  readonly items: Int32Array;
}

/** The best items for queries, which are those of the rows, among the rows of the candidate set. */
function createSearch(
  { items, backend }: Factors,
  candidateSet: CandidateSet,
  { train, depth }: RankingRequest,
): (queries: Matrix, rows: Uint32Array) => Promise<FoundLists> {
  const candidates = sharedRows(items, candidateSet.rows);
  const places = new Int32Array(items.rows).fill(-1);
  for (const [place, row] of candidateSet.rows.entries()) places[row] = place;
  const count = Math.min(depth, candidateSet.rows.length);
  return async (queries, rows) => {
    const exclude = takenAmong(train, rows, places, candidateSet.rows.length);
    const found = await backend.topK({ queries, items: candidates, count, exclude });
    return { count, items: found.items.map((place) => (place < 0 ? -1 : candidateSet.rows[place])) };
  };
}

/** The training items of the rows, as places in the candidate set, ascending. */
function takenAmong(train: SparseMatrix, rows: Uint32Array, places: Int32Array, size: number): SparseMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  const most = rows.reduce((sum, row) => sum + train.indptr[row + 1] - train.indptr[row], 0);
  const indices = new Uint32Array(most);
  for (const [i, row] of rows.entries()) {
    let end = indptr[i];
    for (let p = train.indptr[row]; p < train.indptr[row + 1]; p++) {
      if (places[train.indices[p]] >= 0) indices[end++] = places[train.indices[p]];
    }
    if (end - indptr[i] > 1) indices.subarray(indptr[i], end).sort();
    indptr[i + 1] = end;
  }
  const length = indptr[rows.length];
  return {
    rows: rows.length,
    columns: size,
    indptr,
    indices: indices.subarray(0, length),
    values: new Float32Array(length).fill(1),
  };
}

function checkFactors(name: string, { queries, items }: Factors, train: SparseMatrix): void {
  if (queries.rows !== train.rows || items.rows !== train.columns || queries.columns !== items.columns) {
    const shapes = `${queries.rows} x ${queries.columns} and ${items.rows} x ${items.columns}`;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `model "${name}": expected vectors of ${train.rows} users and ${train.columns} items, received ${shapes}`,
    );
  }
  checkFinite(name, "item", items);
}

/** `rows`: those that the matrix holds, where these are not its own. */
function checkFinite(name: string, side: "user" | "item", matrix: Matrix, rows?: Uint32Array): void {
  const broken = firstBrokenRow(matrix);
  if (broken < 0) return;
  const row = rows === undefined ? broken : rows[broken];
  const message = `model "${name}": expected finite vectors, received a number that is not finite in ${side} row ${row}`;
  throw new TailrecError("INVALID_ARGUMENT", `${message}; its model has diverged or was given non-finite input`);
}

/** The rows in shared memory: the kernel reads them block after block. */
function sharedRows({ columns, values }: Matrix, rows: Uint32Array): Matrix {
  const taken = sharedZeros(rows.length, columns);
  for (const [place, row] of rows.entries()) {
    taken.values.set(values.subarray(row * columns, (row + 1) * columns), place * columns);
  }
  return taken;
}
