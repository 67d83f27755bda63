/**
 * Lists with places that are kept for launched items, in the order of another model or of the same one. An item stands once: where it
 * is listed first. Where nobody is left for a kept place, the model itself goes on.
 */
import { rowOf, type SparseMatrix } from "../../math/matrix.ts";
import { bestRows } from "./best-rows.ts";
import type { ListedContender, Scorer } from "./scorer.ts";
import { rowsWithTargets } from "./target-ranks.ts";

export interface ReservedPlacesRequest {
  /** users x items: what a user has in training is not listed. */
  readonly train: SparseMatrix;
  /** Users with an entry here have lists. */
  readonly test: SparseMatrix;
  /** The model whose lists they are, and the one that orders launched items. */
  readonly model: Scorer;
  readonly launcher: Scorer;
  /** A flag per item: 1 where it is launched. */
  readonly launched: Uint8Array;
  /** Length of the lists. */
  readonly length: number;
}

/** One way of keeping places. */
export interface Reservation {
  /** As in reports. */
  readonly name: string;
  /** Whether a place is kept, counted from 0. */
  readonly isReserved: (place: number) => boolean;
}

/** Places of which some are reserved: the last of every ten. */
const BLOCK = 10;

/** Users scored at once. */
const USERS = 256;

/** One contender a reservation. Errors: those of the scorers. */
export async function reservePlaces(
  { train, test, model, launcher, launched, length }: ReservedPlacesRequest,
  reservations: readonly Reservation[],
): Promise<ListedContender[]> {
  const rows = rowsWithTargets(test);
  const everyItem = Uint32Array.from(launched.keys());
  const launchedItems = everyItem.filter((item) => launched[item] === 1);
  const lists = reservations.map(() => new Map<number, readonly number[]>());
  for (let begin = 0; begin < rows.length; begin += USERS) {
    const block = rows.slice(begin, begin + USERS);
    const own = await model(block);
    const launching = launcher === model ? own : await launcher(block);
    for (const [i, row] of block.entries()) {
      const seen = train.indices.subarray(train.indptr[row], train.indptr[row + 1]);
      const best = (scores: Float32Array, candidates: Uint32Array, count: number) => {
        const unseen = scores.slice();
        for (const item of seen) unseen[item] = -Infinity;
        return [...bestRows(unseen, candidates, count)].filter((item) => item >= 0);
      };
      const listed = best(rowOf(own, i), everyItem, length);
      const slots = best(rowOf(launching, i), launchedItems, length);
      for (const [r, { isReserved }] of reservations.entries()) {
        lists[r].set(row, mergeLists(listed, slots, isReserved));
      }
    }
  }
  return reservations.map(({ name }, r) => ({ name, lists: listsOf(train.rows, train.columns, lists[r]) }));
}

/** The last `count` of every ten places. */
export function lastOfTen(count: number): (place: number) => boolean {
  return (place) => place % BLOCK >= BLOCK - count;
}

/** A share of the places, evenly spread: of the first n, n times the share. */
export function evenlySpread(share: number): (place: number) => boolean {
  // Shares such as .1 have no exact binary form: a tenth of ten places is one.
  const keptOf = (places: number) => Math.floor(share * places + 1e-9);
  return (place) => keptOf(place + 1) > keptOf(place);
}

/** The list with the reserved places, counted from 0, taken from `slots`; as long as `listed`. */
export function mergeLists(
  listed: readonly number[],
  slots: readonly number[],
  isReserved: (place: number) => boolean,
): number[] {
  const merged = new Set<number>();
  const firstLeft = (from: readonly number[]) => from.find((item) => !merged.has(item));
  while (merged.size < listed.length) {
    const next = (isReserved(merged.size) ? firstLeft(slots) : undefined) ?? firstLeft(listed);
    if (next === undefined) break;
    merged.add(next);
  }
  return [...merged];
}

/** Lists by row as a matrix, rows x columns, whose values fall from the first place to the last. */
export function listsOf(rows: number, columns: number, lists: ReadonlyMap<number, readonly number[]>): SparseMatrix {
  const indptr = new Uint32Array(rows + 1);
  const entries: { readonly item: number; readonly value: number }[] = [];
  for (let row = 0; row < rows; row++) {
    const list = lists.get(row) ?? [];
    const own = list.map((item, place) => ({ item, value: list.length - place }));
    entries.push(...own.sort((a, b) => a.item - b.item));
    indptr[row + 1] = entries.length;
  }
  const indices = Uint32Array.from(entries, ({ item }) => item);
  return { rows, columns, indptr, indices, values: Float32Array.from(entries, ({ value }) => value) };
}
