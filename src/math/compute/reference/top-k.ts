/**
 * Exact top-k: scores of one query against all items, selected by a bounded insertion list.
 * Order: higher score first, ties by lower item row.
 */
export interface TopKArrays {
  readonly queries: Float32Array;
  readonly items: Float32Array;
  readonly itemCount: number;
  readonly dimension: number;
  readonly count: number;
  /** Per-query excluded items, as CSR; `excludeIndptr` is empty when nothing is excluded. */
  readonly excludeIndptr: Uint32Array;
  readonly excludeIndices: Uint32Array;
  /** One flag an item; empty when all are allowed. */
  readonly allow: Uint8Array;
  /** One factor an item; empty when none. */
  readonly itemScale: Float32Array;
  readonly foundItems: Int32Array;
  readonly foundScores: Float32Array;
}

/** Fills the lists of queries `begin` to `end`. */
export function topKRows(arrays: TopKArrays, scores: Float32Array, begin: number, end: number): void {
  for (let i = begin; i < end; i++) {
    const row = scores.subarray((i - begin) * arrays.itemCount, (i - begin + 1) * arrays.itemCount);
    maskRow(arrays, row, i);
    selectRow(arrays, row, i);
  }
}

function maskRow(arrays: TopKArrays, row: Float32Array, i: number): void {
  const { allow, itemScale, excludeIndptr, excludeIndices } = arrays;
  for (let j = 0; j < itemScale.length; j++) row[j] *= itemScale[j];
  for (let j = 0; j < allow.length; j++) if (allow[j] === 0) row[j] = Number.NEGATIVE_INFINITY;
  if (excludeIndptr.length === 0) return;
  for (let p = excludeIndptr[i]; p < excludeIndptr[i + 1]; p++) row[excludeIndices[p]] = Number.NEGATIVE_INFINITY;
}

function selectRow(arrays: TopKArrays, row: Float32Array, i: number): void {
  const { count } = arrays;
  const items = arrays.foundItems.subarray(i * count, (i + 1) * count).fill(-1);
  const scores = arrays.foundScores.subarray(i * count, (i + 1) * count).fill(Number.NEGATIVE_INFINITY);
  for (let j = 0; j < row.length; j++) {
    if (!(row[j] > scores[count - 1])) continue;
    let place = count - 1;
    while (place > 0 && row[j] > scores[place - 1]) {
      scores[place] = scores[place - 1];
      items[place] = items[place - 1];
      place--;
    }
    scores[place] = row[j];
    items[place] = j;
  }
}
