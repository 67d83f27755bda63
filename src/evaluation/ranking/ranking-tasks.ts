/**
 * The questions that every contender answers. A candidate set holds the rows that compete: the catalog, or one slice of it.
 * A task averages a metric of the targets' ranks in one candidate set, over the users that hold a target in a slice.
 * The slice `all` is asked once, as `catalog`: its two candidate sets are the same. A slice without a target is not asked.
 * Where query items ask instead of users, a slice is of the queries, and the whole catalog competes.
 */
import { type Slice, sliceItems } from "../../data/slices.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import type { Candidates, SliceRecord } from "../report.ts";

export interface CandidateSet {
  /** Competing rows in the order of ties, of the first set or some of them; a user's own training items leave when that user is ranked. */
  readonly rows: Uint32Array;
  /** A flag per item: 1 where the item is ranked as a target. */
  readonly targets: Uint8Array;
}

export interface RankingTask {
  readonly slice: SliceRecord;
  readonly candidates: Candidates;
  /** Place of its candidates in `RankingPlan.candidateSets`. */
  readonly candidateSet: number;
  /** Number of users with a target in the slice: these are averaged. */
  readonly users: number;
  /** Their rows, ascending. */
  readonly userRows: Uint32Array;
  /** User j of the task holds `entries` from `indptr[j]` to `indptr[j + 1]`: places in the test set's `indices`. */
  readonly indptr: Uint32Array;
  readonly entries: Uint32Array;
}

export interface RankingPlan {
  /** The catalog first. */
  readonly candidateSets: readonly CandidateSet[];
  /** In the order of the slices, `all` first; catalog before slice. */
  readonly tasks: readonly RankingTask[];
}

const ALL: Slice = { name: "all", minimum: 0, maximum: Number.POSITIVE_INFINITY };

export interface PlanRequest {
  readonly test: SparseMatrix;
  /** Per item. */
  readonly support: Uint32Array;
  /** Besides `all`. */
  readonly slices: readonly Slice[];
  /** Whose support slices are about: the targets', or the query items', which are the rows. */
  readonly sliceBy: "target" | "query";
  /** All item rows in the order of ties. */
  readonly tieOrder: Uint32Array;
  /** A flag per item: 0 keeps the item out of every candidate set. */
  readonly filter?: Uint8Array;
  /** Whether a slice is ranked among its own items as well; when absent it is. */
  readonly amongSlices?: boolean;
}

export function planRankings(request: PlanRequest): RankingPlan {
  const { test, support, slices, sliceBy, tieOrder, filter, amongSlices = true } = request;
  const catalog: CandidateSet = {
    rows: tieOrder.filter((row) => filter === undefined || filter[row] !== 0),
    targets: new Uint8Array(test.columns).fill(1),
  };
  const asked = [ALL, ...slices.filter(({ name }) => name !== ALL.name)];
  if (sliceBy === "query")
    return { candidateSets: [catalog], tasks: asked.flatMap((slice) => queryTask(test, support, slice)) };
  const candidateSets = [catalog];
  const tasks: RankingTask[] = [];
  for (const slice of asked) {
    const targets = sliceItems(slice, support);
    const candidateSet: CandidateSet = { rows: catalog.rows.filter((row) => targets[row] !== 0), targets };
    const held = heldOut(test, (_, item) => targets[item] !== 0);
    if (held.users === 0) continue;
    const record = recordOf(slice, candidateSet.rows.length, held.entries.length);
    tasks.push({ slice: record, candidates: "catalog", candidateSet: 0, ...held });
    if (slice !== ALL && amongSlices)
      tasks.push({ slice: record, candidates: "slice", candidateSet: candidateSets.push(candidateSet) - 1, ...held });
  }
  return { candidateSets, tasks };
}

function recordOf({ name, minimum, maximum }: Slice, items: number, targets: number): SliceRecord {
  return { name, minimum, maximum: Number.isFinite(maximum) ? maximum : null, items, targets };
}

function queryTask(test: SparseMatrix, support: Uint32Array, slice: Slice): RankingTask[] {
  const queries = sliceItems(slice, support);
  const held = heldOut(test, (row) => queries[row] !== 0);
  if (held.users === 0) return [];
  const items = queries.reduce((sum, flag) => sum + flag, 0);
  return [{ slice: recordOf(slice, items, held.entries.length), candidates: "catalog", candidateSet: 0, ...held }];
}

type HeldOut = Pick<RankingTask, "users" | "userRows" | "indptr" | "entries">;

function heldOut(test: SparseMatrix, isHeld: (row: number, item: number) => boolean): HeldOut {
  const indptr = [0];
  const entries: number[] = [];
  const rows: number[] = [];
  for (let row = 0; row < test.rows; row++) {
    const before = entries.length;
    for (let p = test.indptr[row]; p < test.indptr[row + 1]; p++) if (isHeld(row, test.indices[p])) entries.push(p);
    if (entries.length === before) continue;
    rows.push(row);
    indptr.push(entries.length);
  }
  return {
    users: rows.length,
    userRows: Uint32Array.from(rows),
    indptr: Uint32Array.from(indptr),
    entries: Uint32Array.from(entries),
  };
}
