/** What every way of ranking is asked and gives: where the targets stand in each candidate set. */
import type { SparseMatrix } from "../../math/matrix.ts";
import type { MatrixRoom } from "../../math/matrix-room.ts";
import { type Ranks, UNRANKED } from "../metrics/metric-values.ts";
import type { CandidateSet } from "./ranking-tasks.ts";
import type { TieOrder } from "./tie-order.ts";

export interface RankingRequest {
  readonly train: SparseMatrix;
  readonly test: SparseMatrix;
  /** The catalog first. */
  readonly candidateSets: readonly CandidateSet[];
  /** Who wins a tie, as the rows of every candidate set have it. */
  readonly tieOrder: TieOrder;
  /** Ranks up to here are exact; deeper ones may be UNRANKED. */
  readonly depth: number;
  /** Length of the lists that are kept, at most `depth`; 0 for none. */
  readonly listLength: number;
  /** Where vectors lie while they are ranked by inner products; memory of their own when absent. */
  readonly room?: RankingRoom;
}

/** For who ranks again and again. */
export interface RankingRoom {
  readonly queries: MatrixRoom;
  readonly items: MatrixRoom;
}

export interface TargetRanks {
  /** One a candidate set. */
  readonly ranks: readonly Ranks[];
  /** Catalog: `listLength` item rows for every row with a target, in order, best first; -1 beyond the last candidate. */
  readonly lists: Int32Array;
}

export function rowsWithTargets({ rows, indptr }: SparseMatrix): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => indptr[row + 1] > indptr[row]);
}

export function unfilledRanks({ candidateSets, test, listLength }: RankingRequest, rows: number): TargetRanks {
  const ranks = candidateSets.map(() => new Uint32Array(test.indices.length));
  return { ranks, lists: new Int32Array(rows * listLength).fill(-1) };
}

/** Ranks of a row's targets by their place in its list; UNRANKED where they have none. `names`: items as the list has them. */
export function placeTargets(
  candidateSet: CandidateSet,
  list: Int32Array,
  test: SparseMatrix,
  row: number,
  ranks: Ranks,
  names?: Int32Array,
): void {
  for (let p = test.indptr[row]; p < test.indptr[row + 1]; p++) {
    const target = test.indices[p];
    if (candidateSet.targets[target] === 0) continue;
    const name = names === undefined ? target : names[target];
    const place = name < 0 ? -1 : list.indexOf(name);
    ranks[p] = place < 0 ? UNRANKED : place + 1;
  }
}
