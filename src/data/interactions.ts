/**
 * Observed user-item events as a sparse matrix: row = user, column = item, value = confidence c_ui > 0.
 * The arrays lie in shared memory, so that every fit reads them in place (decision 053).
 * An item's *support* is its number of training interactions (distinct users).
 */
import { TailrecError } from "../errors.ts";
import { shared } from "../math/compute/shared-memory.ts";
import { type SparseMatrix, takeColumns, takeSparseRows } from "../math/matrix.ts";

export interface Interactions extends SparseMatrix {
  /** Seconds since the epoch (or any order within a user), parallel to `indices`; NaN where unknown; absent when no row has a time. */
  readonly times?: Float64Array;
}

/** Interactions one by one, in any order: parallel columns. */
export interface Triplets {
  /** 0 <= row < users. */
  readonly users: ArrayLike<number>;
  /** 0 <= column < items. */
  readonly items: ArrayLike<number>;
  /** Finite, > 0. */
  readonly values: ArrayLike<number>;
  /** NaN where unknown. */
  readonly times?: ArrayLike<number>;
}

/** How repeated (user, item) pairs merge; the time of the merged one is the latest. */
export type Duplicates = "sum" | "max" | "last";

/** Interactions per item: `columns` counts. */
export function itemSupport(interactions: SparseMatrix): Uint32Array {
  const support = new Uint32Array(interactions.columns);
  for (const item of interactions.indices) support[item]++;
  return support;
}

/** The rows of some users, with their times. */
export function takeInteractions(interactions: Interactions, users: ArrayLike<number>): Interactions {
  const { times, indptr } = interactions;
  const taken = takeSparseRows(interactions, users);
  if (times === undefined) return taken;
  const takenTimes = new Float64Array(taken.values.length);
  for (let i = 0; i < users.length; i++) {
    takenTimes.set(times.subarray(indptr[users[i]], indptr[users[i] + 1]), taken.indptr[i]);
  }
  return { ...taken, times: takenTimes };
}

/** The given columns, ascending, with their times; entries of other items are left out. */
export function takeInteractionColumns(interactions: Interactions, columns: Uint32Array): Interactions {
  const { times, indices } = interactions;
  const taken = takeColumns(interactions, columns);
  const matrix = {
    ...taken,
    indptr: shared(taken.indptr),
    indices: shared(taken.indices),
    values: shared(taken.values),
  };
  if (times === undefined) return matrix;
  const isTaken = new Uint8Array(interactions.columns);
  for (const column of columns) isTaken[column] = 1;
  return { ...matrix, times: times.filter((_, p) => isTaken[indices[p]] === 1) };
}

/** A users x items matrix from triplets. "last" keeps the latest time, then the later triplet. Throws INVALID_ARGUMENT. */
export function createInteractions(
  users: number,
  items: number,
  triplets: Triplets,
  duplicates: Duplicates = "sum",
): Interactions {
  checkTriplets(users, items, triplets);
  const { order, ends } = orderByPair(users, triplets);
  const indptr = new Uint32Array(users + 1);
  const indices = new Uint32Array(order.length);
  const values = new Float32Array(order.length);
  const times = triplets.times === undefined ? undefined : new Float64Array(order.length);
  let length = 0;
  for (let user = 0, p = 0; user < users; user++) {
    while (p < ends[user]) {
      const item = triplets.items[order[p]];
      let end = p + 1;
      while (end < ends[user] && triplets.items[order[end]] === item) end++;
      indices[length] = item;
      values[length] = mergedValue(triplets, order, p, end, duplicates);
      if (times !== undefined && triplets.times !== undefined) {
        times[length] = triplets.times[latestPlace(triplets.times, order, p, end)];
      }
      length++;
      p = end;
    }
    indptr[user + 1] = length;
  }
  const matrix = {
    rows: users,
    columns: items,
    indptr: shared(indptr),
    indices: shared(indices.subarray(0, length)),
    values: shared(values.subarray(0, length)),
  };
  if (times === undefined || times.subarray(0, length).every(Number.isNaN)) return matrix;
  return { ...matrix, times: times.slice(0, length) };
}

const SMALLEST = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** One value for the triplets of one pair, which stand in file order. Stays a positive float32 whatever the sum or the decay. */
function mergedValue(
  { values, times }: Triplets,
  order: Uint32Array,
  begin: number,
  end: number,
  duplicates: Duplicates,
): number {
  let value = 0;
  if (end === begin + 1) value = values[order[begin]];
  else if (duplicates === "last") value = values[times ? latestPlace(times, order, begin, end) : order[end - 1]];
  else {
    for (let p = begin; p < end; p++) {
      value = duplicates === "sum" ? value + values[order[p]] : Math.max(value, values[order[p]]);
    }
  }
  return Math.min(Math.max(value, SMALLEST), LARGEST);
}

/** The place of the latest, the last in the file among equals; unknown times are the earliest. */
function latestPlace(times: ArrayLike<number>, order: Uint32Array, begin: number, end: number): number {
  let latest = order[begin];
  for (let p = begin + 1; p < end; p++) {
    const [time, next] = [times[latest], times[order[p]]];
    if (!(next < time) && !(Number.isNaN(next) && !Number.isNaN(time))) latest = order[p];
  }
  return latest;
}

interface PairOrder {
  /** Places of the triplets. */
  readonly order: Uint32Array;
  /** Where each user's end in it. */
  readonly ends: Uint32Array;
}

/** The places 0..n-1 by user, then by item, equal pairs in their earlier order: a counting sort, and one of its own a user. */
function orderByPair(users: number, { users: rows, items }: Triplets): PairOrder {
  const { length } = rows;
  const next = new Uint32Array(users + 1);
  for (let p = 0; p < length; p++) next[rows[p] + 1]++;
  for (let u = 0; u < users; u++) next[u + 1] += next[u];
  const order = new Uint32Array(length);
  for (let p = 0; p < length; p++) order[next[rows[p]]++] = p;
  // Every counter stands at the end of its user now.
  for (let u = 0, begin = 0; u < users; begin = next[u++]) {
    if (next[u] - begin <= FEW) insertByItem(order, begin, next[u], items);
    else sortByItem(order.subarray(begin, next[u]), items);
  }
  return { order, ends: next };
}

/** So many are in order sooner without an array of their own. */
const FEW = 32;

function insertByItem(order: Uint32Array, begin: number, end: number, items: ArrayLike<number>): void {
  for (let p = begin + 1; p < end; p++) {
    const place = order[p];
    const item = items[place];
    let q = p;
    for (; q > begin && items[order[q - 1]] > item; q--) order[q] = order[q - 1];
    order[q] = place;
  }
}

/** Keys are whole numbers, item times length and then the place. Float64 holds them for 4e9 items and 2e6 rows of a user, or the like. */
function sortByItem(places: Uint32Array, items: ArrayLike<number>): void {
  const { length } = places;
  const keys = new Float64Array(length);
  for (let i = 0; i < length; i++) keys[i] = items[places[i]] * length + i;
  keys.sort();
  const before = places.slice();
  for (let i = 0; i < length; i++) places[i] = before[keys[i] % length];
}

function checkTriplets(users: number, items: number, triplets: Triplets): void {
  const { length } = triplets.values;
  for (const column of [triplets.users, triplets.items, triplets.times ?? triplets.values]) {
    if (column.length === length) continue;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `expected columns of equal length, received ${length} and ${column.length}`,
    );
  }
  const inRange = (value: number, range: number): boolean => Number.isInteger(value) && value >= 0 && value < range;
  for (let p = 0; p < length; p++) {
    const [user, item, value] = [triplets.users[p], triplets.items[p], triplets.values[p]];
    if (inRange(user, users) && inRange(item, items) && value > 0 && value < Number.POSITIVE_INFINITY) continue;
    const expected = `user in 0..${users - 1}, item in 0..${items - 1}, a finite value > 0`;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `triplet ${p}: expected ${expected}; received ${user}, ${item}, ${value}`,
    );
  }
}
