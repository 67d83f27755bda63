/**
 * Exact neighbours of items, kept: of each item its best few others by the likeness of the index, with their scores. A row is found by
 * one search and says from when it is. Items that moved later are named beside it, and whoever reads scores them anew: so the table
 * stays exact while items move. Reference: decision 165.
 */
import type { TopK } from "../../math/compute/compute-backend.ts";

export interface NeighbourTable {
  /** Neighbours a row. */
  readonly depth: number;
  readonly rows: number;
  /** Rows that are kept now. */
  filled(): number;
  /** What a search that begins now is stamped with. */
  now(): number;
  /** Items moved, or came: their own rows are void, and they are out of date in all others. */
  move(items: readonly number[]): void;
  /** Undefined for an item that is not kept. */
  find(row: number): KnownNeighbours | undefined;
  /** Takes what a search found that began at `since`: `depth` others of each row, among all items. */
  keep(rows: ArrayLike<number>, found: TopK, since: number): void;
  /** Up to so many rows that are not kept, the next ones in turn. */
  missing(count: number): number[];
}

export interface KnownNeighbours {
  /** Best first; -1 behind the last where there are no more. */
  readonly items: Int32Array;
  readonly scores: Float32Array;
  /** Items that moved since. */
  readonly moved: ReadonlySet<number>;
}

/** Moves that a row outlives: each is scored anew for every list. */
const MOST_MOVES = 1024;

/** An empty table; its memory is taken as rows are kept. */
export function createNeighbourTable(rows: number, depth: number): NeighbourTable {
  const items = new Int32Array(rows * depth);
  const scores = new Float32Array(rows * depth);
  /** When each row was found; 0 for those that are not kept. */
  const stamps = new Float64Array(rows);
  const nothing: ReadonlySet<number> = new Set();
  let filled = 0;
  let turn = 0;
  let moves: number[] = [];
  /** The time of the earliest move that is remembered. */
  let first = 1;
  const drop = (row: number): void => {
    if (!(stamps[row] > 0)) return;
    stamps[row] = 0;
    filled--;
  };
  const forgetOldest = (): void => {
    const gone = moves.length - MOST_MOVES / 2;
    moves = moves.slice(gone);
    first += gone;
    for (let row = 0; row < rows; row++) if (stamps[row] < first) drop(row);
  };
  const now = (): number => first + moves.length;
  return {
    depth,
    rows,
    filled: () => filled,
    now,
    move: (changed) => {
      for (const row of changed) drop(row);
      moves.push(...changed);
      if (moves.length > MOST_MOVES) forgetOldest();
    },
    find: (row) => {
      if (!(stamps[row] > 0)) return undefined;
      const [begin, end] = [row * depth, (row + 1) * depth];
      const moved = stamps[row] === now() ? nothing : new Set(moves.slice(stamps[row] - first));
      return { items: items.subarray(begin, end), scores: scores.subarray(begin, end), moved };
    },
    keep: (found, lists, since) => {
      const movedSince = since < first ? undefined : new Set(moves.slice(since - first));
      for (let i = 0; i < found.length; i++) {
        const row = found[i];
        if (movedSince === undefined || row >= rows || movedSince.has(row)) continue;
        const begin = i * lists.count;
        const length = Math.min(depth, lists.count);
        items.fill(-1, row * depth, (row + 1) * depth);
        items.set(lists.items.subarray(begin, begin + length), row * depth);
        scores.set(lists.scores.subarray(begin, begin + length), row * depth);
        if (stamps[row] === 0) filled++;
        stamps[row] = since;
      }
    },
    missing: (count) => {
      const found: number[] = [];
      for (let step = 0; step < rows && found.length < count; step++) {
        turn = (turn + 1) % rows;
        if (stamps[turn] === 0) found.push(turn);
      }
      return found;
    },
  };
}
