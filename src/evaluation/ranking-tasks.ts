/**
 * The questions that every contender answers: per slice and candidate set, which users hold which targets, and which
 * rows compete. The slice `all` is asked once, as `catalog`: its two candidate sets are the same. A slice that holds no
 * target is not asked.
 */
import { itemSupport } from "../data/interactions.ts";
import { type Slice, sliceItems } from "../data/slices.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import type { CandidateSet, SliceRecord } from "./report.ts";

export interface RankingTask {
  readonly slice: SliceRecord;
  readonly candidates: CandidateSet;
  /** Competing rows, ascending; a user's own training items leave when that user is ranked. */
  readonly rows: Uint32Array;
  /** Users with a target in the slice, ascending: these are averaged. */
  readonly users: Uint32Array;
  /** Targets of `users[j]`: `targets` from `indptr[j]` to `indptr[j + 1]`. */
  readonly indptr: Uint32Array;
  readonly targets: Uint32Array;
}

const ALL: Slice = { name: "all", minimum: 0, maximum: Number.POSITIVE_INFINITY };

/** Tasks in the order of the slices, `all` first; catalog before slice. `filter` holds a flag per item. */
export function rankingTasks(
  train: SparseMatrix,
  test: SparseMatrix,
  slices: readonly Slice[],
  filter?: Uint8Array,
): RankingTask[] {
  const support = itemSupport(train);
  const catalog = rowsWhere(train.columns, (row) => filter === undefined || filter[row] !== 0);
  const asked = [ALL, ...slices.filter((slice) => slice.name !== ALL.name)];
  return asked.flatMap((slice) => {
    const mask = sliceItems(slice, support);
    const held = heldOut(test, mask);
    if (held.users.length === 0) return [];
    const rows = catalog.filter((row) => mask[row] !== 0);
    const record = recordOf(slice, rows.length, held.targets.length);
    const whole: RankingTask = { slice: record, candidates: "catalog", rows: catalog, ...held };
    return slice === ALL ? [whole] : [whole, { ...whole, candidates: "slice", rows }];
  });
}

function recordOf({ name, minimum, maximum }: Slice, items: number, targets: number): SliceRecord {
  return { name, minimum, maximum: Number.isFinite(maximum) ? maximum : null, items, targets };
}

function rowsWhere(count: number, test: (row: number) => boolean): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row).filter(test);
}

function heldOut(test: SparseMatrix, mask: Uint8Array): Pick<RankingTask, "users" | "indptr" | "targets"> {
  const users: number[] = [];
  const indptr = [0];
  const targets: number[] = [];
  for (let user = 0; user < test.rows; user++) {
    for (let p = test.indptr[user]; p < test.indptr[user + 1]; p++) {
      if (mask[test.indices[p]] !== 0) targets.push(test.indices[p]);
    }
    if (targets.length === indptr[indptr.length - 1]) continue;
    users.push(user);
    indptr.push(targets.length);
  }
  return { users: Uint32Array.from(users), indptr: Uint32Array.from(indptr), targets: Uint32Array.from(targets) };
}
