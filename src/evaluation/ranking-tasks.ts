/**
 * The questions that every contender answers. A race is a set of rows that compete: the catalog, or one slice of it. A
 * task averages, over the users that hold a target in a slice, a metric of their targets' ranks in one race. The slice
 * `all` is asked once, as `catalog`: its two candidate sets are the same. A slice without a target is not asked.
 */
import { itemSupport } from "../data/interactions.ts";
import { type Slice, sliceItems } from "../data/slices.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import type { CandidateSet, SliceRecord } from "./report.ts";

export interface Race {
  /** Competing rows, ascending; a user's own training items leave when that user is ranked. */
  readonly rows: Uint32Array;
  /** A flag per item: 1 where the item is ranked as a target. */
  readonly targets: Uint8Array;
}

export interface RankingTask {
  readonly slice: SliceRecord;
  readonly candidates: CandidateSet;
  /** Place of its race in `RankingPlan.races`. */
  readonly race: number;
  /** Number of users with a target in the slice: these are averaged, ascending. */
  readonly users: number;
  /** User j of the task holds `entries` from `indptr[j]` to `indptr[j + 1]`: places in the test set's `indices`. */
  readonly indptr: Uint32Array;
  readonly entries: Uint32Array;
}

export interface RankingPlan {
  /** The catalog first. */
  readonly races: readonly Race[];
  /** In the order of the slices, `all` first; catalog before slice. */
  readonly tasks: readonly RankingTask[];
}

const ALL: Slice = { name: "all", minimum: 0, maximum: Number.POSITIVE_INFINITY };

/** `filter` holds a flag per item: 0 keeps the item out of every race. */
export function planRankings(
  train: SparseMatrix,
  test: SparseMatrix,
  slices: readonly Slice[],
  filter?: Uint8Array,
): RankingPlan {
  const support = itemSupport(train);
  const everyRow = Uint32Array.from({ length: train.columns }, (_, row) => row);
  const catalog: Race = {
    rows: everyRow.filter((row) => filter === undefined || filter[row] !== 0),
    targets: new Uint8Array(train.columns).fill(1),
  };
  const races = [catalog];
  const tasks: RankingTask[] = [];
  for (const slice of [ALL, ...slices.filter(({ name }) => name !== ALL.name)]) {
    const targets = sliceItems(slice, support);
    const race: Race = { rows: catalog.rows.filter((row) => targets[row] !== 0), targets };
    const held = heldOut(test, targets);
    if (held.users === 0) continue;
    const record = recordOf(slice, race.rows.length, held.entries.length);
    tasks.push({ slice: record, candidates: "catalog", race: 0, ...held });
    if (slice !== ALL) tasks.push({ slice: record, candidates: "slice", race: races.push(race) - 1, ...held });
  }
  return { races, tasks };
}

function recordOf({ name, minimum, maximum }: Slice, items: number, targets: number): SliceRecord {
  return { name, minimum, maximum: Number.isFinite(maximum) ? maximum : null, items, targets };
}

function heldOut(test: SparseMatrix, targets: Uint8Array): Pick<RankingTask, "users" | "indptr" | "entries"> {
  const indptr = [0];
  const entries: number[] = [];
  for (let user = 0; user < test.rows; user++) {
    const before = entries.length;
    for (let p = test.indptr[user]; p < test.indptr[user + 1]; p++) {
      if (targets[test.indices[p]] !== 0) entries.push(p);
    }
    if (entries.length > before) indptr.push(entries.length);
  }
  return { users: indptr.length - 1, indptr: Uint32Array.from(indptr), entries: Uint32Array.from(entries) };
}
