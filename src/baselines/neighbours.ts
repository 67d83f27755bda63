/**
 * Nearest rows of a sparse matrix by shrunk cosine, one row at a time:
 *
 *   s(a, b) = a.b / (|a| |b| + shrinkage)
 *
 * The inner products of one row with all others come from walking its columns (Gustavson 1978), so the cost is the
 * number of co-occurrences, never rows x rows.
 */

import { z } from "zod";
import { bestRows } from "../evaluation/ranking/best-rows.ts";
import { type SparseMatrix, transposeSparse } from "../math/matrix.ts";
import { sparseBuilder } from "../math/sparse-builder.ts";

/** 100 neighbours and a shrunk cosine, as is usual since Bell and Koren 2007. */
export const neighbourOptionsSchema = z.strictObject({
  neighbours: z.int().min(1).default(100).describe("neighbours that are kept, the nearest"),
  shrinkage: z
    .number()
    .min(0)
    .default(10)
    .describe("added to the denominator of the cosine: damps chance co-occurrence"),
});

export type NeighbourOptions = z.output<typeof neighbourOptionsSchema>;
export type NeighbourOptionsInput = z.input<typeof neighbourOptionsSchema>;

export interface Neighbours {
  /** Nearest first; ties by lower row. */
  readonly rows: Uint32Array;
  /** One a row of `rows`. */
  readonly similarities: Float32Array;
}

/** From a row to its nearest other rows; rows without a common column are no neighbours. */
export type NearestRows = (row: number) => Neighbours;

/** Of items and of users. */
export interface NeighbourLists {
  readonly items: (options: NeighbourOptions) => NearestRows;
  readonly users: (options: NeighbourOptions) => NearestRows;
}

/** The nearest rows at options that are tried one after the other. The last lists are kept: shorter ones begin them. */
function listsOf(matrix: SparseMatrix): (options: NeighbourOptions) => NearestRows {
  let kept: (NeighbourOptions & { readonly nearest: NearestRows }) | undefined;
  return (options) => {
    const { neighbours: count, shrinkage } = options;
    if (kept === undefined || kept.shrinkage !== shrinkage || kept.neighbours < count)
      kept = { ...options, nearest: remembered(nearestRows(matrix, options)) };
    const { nearest } = kept;
    return (row) => {
      const { rows, similarities } = nearest(row);
      return { rows: rows.subarray(0, count), similarities: similarities.subarray(0, count) };
    };
  };
}

/** Of `train`, users x items. */
export function neighbourLists(train: SparseMatrix): NeighbourLists {
  return { items: listsOf(transposeSparse(train)), users: listsOf(train) };
}

function remembered(nearest: NearestRows): NearestRows {
  const lists = new Map<number, Neighbours>();
  return (row) => {
    const found = lists.get(row) ?? nearest(row);
    lists.set(row, found);
    return found;
  };
}

/** The nearest rows of any row, found when it is asked for. */
export function nearestRows(matrix: SparseMatrix, options: NeighbourOptions): NearestRows {
  const columns = transposeSparse(matrix);
  const norms = rowNorms(matrix);
  const products = new Float64Array(matrix.rows);
  const similarities = new Float32Array(matrix.rows);
  const room = new Uint32Array(matrix.rows);
  return (row) => {
    const touched = ascending(room.subarray(0, addProducts({ matrix, columns, row }, products, room)), products, room);
    for (const other of touched) {
      similarities[other] = products[other] / (norms[row] * norms[other] + options.shrinkage);
      products[other] = 0;
    }
    similarities[row] = -Infinity;
    const nearest = bestRows(similarities, touched, Math.min(options.neighbours, touched.length));
    const rows = Uint32Array.from(nearest.filter((other) => other >= 0));
    return { rows, similarities: Float32Array.from(rows, (other) => similarities[other]) };
  };
}

interface AskedRow {
  readonly matrix: SparseMatrix;
  /** Its transpose. */
  readonly columns: SparseMatrix;
  readonly row: number;
}

/** Adds the products of the row with every row to `products` (zeros before); writes the rows that it touched and gives their number. */
function addProducts({ matrix, columns, row }: AskedRow, products: Float64Array, touched: Uint32Array): number {
  let count = 0;
  for (let p = matrix.indptr[row]; p < matrix.indptr[row + 1]; p++) {
    const column = matrix.indices[p];
    const weight = matrix.values[p];
    for (let q = columns.indptr[column]; q < columns.indptr[column + 1]; q++) {
      const other = columns.indices[q];
      if (products[other] === 0) touched[count++] = other;
      products[other] += weight * columns.values[q];
    }
  }
  return count;
}

/** Where so many of the rows were touched, looking at all of them is quicker than sorting. */
const DENSE = 1 / 16;

/** The touched rows in order, in their own memory, which begins `room`. */
function ascending(touched: Uint32Array, products: Float64Array, room: Uint32Array): Uint32Array {
  if (touched.length < DENSE * products.length) return touched.sort();
  let count = 0;
  for (let row = 0; row < products.length; row++) if (products[row] !== 0) room[count++] = row;
  return room.subarray(0, count);
}

/** Row i: the similarities of row `rows[i]` to its nearest of `count` rows. */
export function neighboursOf(rows: Iterable<number>, nearest: NearestRows, count: number): SparseMatrix {
  const all = [...rows];
  const matrix = sparseBuilder(all.length);
  const places = new Uint32Array(count);
  for (const row of all) {
    const { rows: others, similarities } = nearest(row);
    for (let place = 0; place < others.length; place++) places[others[place]] = place;
    for (const other of others.slice().sort()) matrix.add(other, similarities[places[other]]);
    matrix.endRow();
  }
  return matrix.build(count);
}

/** sums += factor x row of the matrix. */
export function addScaledRow(matrix: SparseMatrix, row: number, factor: number, sums: Float32Array): void {
  for (let p = matrix.indptr[row]; p < matrix.indptr[row + 1]; p++)
    sums[matrix.indices[p]] += factor * matrix.values[p];
}

function rowNorms({ rows, indptr, values }: SparseMatrix): Float64Array {
  const norms = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let p = indptr[i]; p < indptr[i + 1]; p++) sum += values[p] ** 2;
    norms[i] = Math.sqrt(sum);
  }
  return norms;
}
