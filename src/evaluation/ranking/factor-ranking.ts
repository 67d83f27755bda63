/**
 * Ranks and lists of models whose scores are inner products: the best `depth` items of every row from the top-k kernel, which skips the
 * row's training items itself. A metric at k looks no further than k, so nothing is lost and no score is stored.
 * Models that differ in the factors of their items alone, and all candidate sets of each, are views of one search: their products are
 * computed once. Who is ranked together changes no rank.
 */
import { setImmediate } from "node:timers/promises";
import { TailrecError } from "../../errors.ts";
import type { ComputeBackend, ItemView } from "../../math/compute/compute-backend.ts";
import { sharedFloat32, sharedZeros } from "../../math/compute/shared-memory.ts";
import { steadyTopKViews } from "../../math/compute/steady-search.ts";
import { firstBrokenRow, type Matrix, type SparseMatrix } from "../../math/matrix.ts";
import type { MatrixRoom } from "../../math/matrix-room.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { decidedLists, FIRST_STRETCH } from "./decided-lists.ts";
import type { CandidateSet } from "./ranking-tasks.ts";
import type { Factors } from "./scorer.ts";
import { placeTargets, type RankingRequest, type TargetRanks } from "./target-ranks.ts";

/** Rows searched in one call: long enough for every thread, short enough for progress and cancellation. Their vectors are made once. */
const BLOCK = 4096;

/** Of several models at once, whose lists are so many more. */
const BLOCK_OF_SEVERAL = 2048;

/** Fills `found`, one a model. Vectors of the wrong shape or not finite are an INVALID_ARGUMENT. */
export async function rankFactors(
  name: string,
  models: readonly Factors[],
  request: RankingRequest,
  rows: Uint32Array,
  found: readonly TargetRanks[],
  context: RunContext,
): Promise<void> {
  const [{ queries, backend }] = models;
  checkFactors(name, models[0], request.train);
  const search = searchOf(models, request);
  const size = models.length === 1 ? BLOCK : BLOCK_OF_SEVERAL;
  const { values: room } = (request.room?.queries ?? sharedZeros)(Math.min(size, rows.length), queries.columns);
  for (let begin = 0; begin < rows.length; begin += size) {
    const block = rows.subarray(begin, begin + size);
    const vectors = await queries.take(block, room.subarray(0, block.length * queries.columns));
    checkFinite(name, "user", vectors, block);
    const exclude = takenAmong(request.train, block, search.places);
    const lists = await listsOf(vectors, exclude, search, request, block, backend);
    for (const [v, view] of search.views.entries()) {
      fill(lists[v], view, { begin, block, search, request, found: found[view.model] });
    }
    context.onProgress?.({ stage: `evaluate ${name}`, done: begin + block.length, total: rows.length });
    await setImmediate();
    throwIfInterrupted(context);
  }
}

/** One model among the items of one candidate set. */
interface SearchedView {
  readonly model: number;
  readonly set: number;
  readonly view: ItemView;
}

interface Search {
  /** The vectors of the first candidate set, in its order. */
  readonly items: Matrix;
  /** Where each item of the catalog lies in it; -1 outside. */
  readonly places: Int32Array;
  readonly count: number;
  readonly views: readonly SearchedView[];
}

function searchOf(models: readonly Factors[], { candidateSets, depth, room }: RankingRequest): Search {
  const [{ items }] = models;
  const [{ rows }] = candidateSets;
  const places = new Int32Array(items.rows).fill(-1);
  for (const [place, row] of rows.entries()) places[row] = place;
  const allows = candidateSets.map((candidateSet, set) => (set === 0 ? undefined : flagsOf(candidateSet, places)));
  const views = models.flatMap(({ itemScale, length }, model) => {
    const scale = itemScale && Float32Array.from(rows, (row) => itemScale[row]);
    return allows.map((allow, set) => ({ model, set, view: { allow, itemScale: scale, length } }));
  });
  return { items: sharedRows(items, rows, room?.items), places, count: Math.min(depth, rows.length), views };
}

function flagsOf({ rows }: CandidateSet, places: Int32Array): Uint8Array {
  const flags = new Uint8Array(places.length);
  for (const row of rows) flags[places[row]] = 1;
  return flags;
}

/** The list of every query in every view; where targets alone are asked for in one view, as far as these can be in it. */
async function listsOf(
  queries: Matrix,
  exclude: SparseMatrix,
  search: Search,
  request: RankingRequest,
  block: Uint32Array,
  backend: ComputeBackend,
): Promise<readonly Int32Array[]> {
  const { items, count, places } = search;
  const [{ view }] = search.views;
  const isOne = search.views.length === 1 && (view.length ?? items.columns) === items.columns;
  if (isOne && request.listLength === 0 && items.rows >= 2 * FIRST_STRETCH) {
    const targets = targetPlaces(request, block, places);
    const { itemScale } = view;
    return [await decidedLists(backend, { queries, items, itemScale, exclude, targets, count })];
  }
  const views = viewsFor(search, request, block);
  const lists = await steadyTopKViews(backend, { queries, items, count, exclude, views });
  return lists.map((list) => list.items);
}

/** What the rows ask for among the items of the one candidate set, as places in it. */
function targetPlaces({ candidateSets: [{ targets }], test }: RankingRequest, rows: Uint32Array, places: Int32Array) {
  const indptr = new Uint32Array(rows.length + 1);
  const indices: number[] = [];
  for (const [i, row] of rows.entries()) {
    for (let p = test.indptr[row]; p < test.indptr[row + 1]; p++) {
      if (targets[test.indices[p]] !== 0) indices.push(places[test.indices[p]]);
    }
    indptr[i + 1] = indices.length;
  }
  return { indptr, indices: Uint32Array.from(indices) };
}

/** Who holds no target in a set has no list in it. */
function viewsFor({ views }: Search, { candidateSets, test }: RankingRequest, block: Uint32Array): ItemView[] {
  const asked = candidateSets.map((set) => Uint8Array.from(block, (row) => (holdsTarget(set, test, row) ? 1 : 0)));
  return views.map(({ set, view }) => ({ ...view, asked: asked[set] }));
}

function holdsTarget(candidateSet: CandidateSet, { indptr, indices }: SparseMatrix, row: number): boolean {
  for (let p = indptr[row]; p < indptr[row + 1]; p++) if (candidateSet.targets[indices[p]] !== 0) return true;
  return false;
}

interface FoundBlock {
  readonly begin: number;
  readonly block: Uint32Array;
  readonly search: Search;
  readonly request: RankingRequest;
  readonly found: TargetRanks;
}

function fill(lists: Int32Array, { set }: SearchedView, { begin, block, search, request, found }: FoundBlock): void {
  const { count, places } = search;
  const { candidateSets, test, listLength } = request;
  const [{ rows }] = candidateSets;
  for (const [i, row] of block.entries()) {
    const list = lists.subarray(i * count, (i + 1) * count);
    placeTargets(candidateSets[set], list, test, row, found.ranks[set], places);
    for (let p = 0; set === 0 && p < Math.min(listLength, count); p++) {
      found.lists[(begin + i) * listLength + p] = list[p] < 0 ? -1 : rows[list[p]];
    }
  }
}

/** The training items of the rows, as places in the first candidate set, ascending. */
function takenAmong(train: SparseMatrix, rows: Uint32Array, places: Int32Array): SparseMatrix {
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
  const pairs = indices.subarray(0, indptr[rows.length]);
  return { rows: rows.length, columns: places.length, indptr, indices: pairs, values: sharedFloat32(0) };
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
function sharedRows({ columns, values }: Matrix, rows: Uint32Array, roomFor: MatrixRoom = sharedZeros): Matrix {
  const taken = roomFor(rows.length, columns);
  for (const [place, row] of rows.entries()) {
    taken.values.set(values.subarray(row * columns, (row + 1) * columns), place * columns);
  }
  return taken;
}
