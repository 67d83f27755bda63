/**
 * A matrix known only by its products: what a truncated decomposition needs of it. A sparse matrix, or a dense one minus its
 * column means, that is never formed.
 */

import { once } from "../once.ts";
import { type ComputeBackend, defaultBackend } from "./compute/backend.ts";
import { multiplyRows } from "./compute/reference/dense-product.ts";
import { sharedMatrix, sharedSparse, sharedZeros } from "./compute/shared-memory.ts";
import { type Matrix, type SparseMatrix, zeros } from "./matrix.ts";

export interface LinearMap {
  readonly rows: number;
  readonly columns: number;
  /** A B: rows x l, from B columns x l. It may lie in `into`, of this size and in shared memory, where that is given. */
  times(b: Matrix, into?: Matrix): Promise<Matrix>;
  /** A' B: columns x l, from B rows x l. Likewise. */
  transposedTimes(b: Matrix, into?: Matrix): Promise<Matrix>;
}

export function sparseMap(a: SparseMatrix, backend: ComputeBackend = defaultBackend()): LinearMap {
  const held = sharedSparse(a);
  const turned = once(() => backend.transpose(held));
  return {
    rows: a.rows,
    columns: a.columns,
    times: (b, into) => backend.multiplySparse(held, b, into),
    transposedTimes: async (b, into) => backend.multiplySparse(await turned(), b, into),
  };
}

/** X - 1 m' for dense X (n x d) and m (d): (X - 1 m') B = X B - 1 (m' B), and likewise transposed. */
export function centredMap(given: Matrix, mean: Float32Array, backend: ComputeBackend = defaultBackend()): LinearMap {
  const x = sharedMatrix(given);
  const turned = transpose(x, sharedZeros(x.columns, x.rows));
  return {
    rows: x.rows,
    columns: x.columns,
    times: async (b, into) => {
      const product = await backend.multiplyTransposed(x, transpose(b), into);
      const offset = multiply({ rows: 1, columns: mean.length, values: mean }, b);
      for (let i = 0; i < x.rows; i++) addScaled(product.values, i * b.columns, offset.values, 0, b.columns, -1);
      return product;
    },
    transposedTimes: async (b, into) => {
      const product = await backend.multiplyTransposed(turned, transpose(b), into);
      const sums = new Float32Array(b.columns);
      for (let i = 0; i < b.rows; i++) addScaled(sums, 0, b.values, i * b.columns, b.columns, 1);
      for (let j = 0; j < x.columns; j++) addScaled(product.values, j * b.columns, sums, 0, b.columns, -mean[j]);
      return product;
    },
  };
}

/** A B for A n x d and B d x l. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const product = zeros(a.rows, b.columns);
  const operands = { a: a.values, b: transpose(b).values, out: product.values, depth: a.columns, columns: b.columns };
  multiplyRows(operands, 0, a.rows);
  return product;
}

/** Squares are turned one by one: what is read and what is written stays in the cache. */
const TILE = 32;

/** A': d x n from n x d. Into memory that is given, where it is. */
export function transpose({ rows, columns, values: from }: Matrix, into?: Matrix): Matrix {
  const turned = into ?? zeros(columns, rows);
  for (let begin = 0; begin < rows; begin += TILE) {
    const end = Math.min(rows, begin + TILE);
    for (let first = 0; first < columns; first += TILE) {
      const last = Math.min(columns, first + TILE);
      for (let i = begin; i < end; i++)
        turnRow(from, i * columns + first, i * columns + last, turned.values, first * rows + i, rows);
    }
  }
  return turned;
}

/** to[at], to[at + step] ... from the values from `start` to `stop`. */
function turnRow(from: Float32Array, start: number, stop: number, to: Float32Array, at: number, step: number): void {
  for (let p = start, q = at; p < stop; p++, q += step) to[q] = from[p];
}

/** to[begin..] += scale from[start..], `length` values. */
function addScaled(
  to: Float32Array,
  begin: number,
  from: Float32Array,
  start: number,
  length: number,
  scale: number,
): void {
  for (let p = 0; p < length; p++) to[begin + p] += scale * from[start + p];
}
