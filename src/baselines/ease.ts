/**
 * Baseline `ease`: the linear autoencoder with a zero diagonal (Steck 2019). With X the binary users x items matrix and
 * P = (X'X + l I)^-1, the weights are B = I - P diag(1 / P_jj) and the scores X B, that is x_uj - (X P)_uj / P_jj.
 * Since X P = (X X' + l I)^-1 X, whichever of users and items are fewer give the system that is solved.
 */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, rowOf, type SparseMatrix, transposeSparse, zeros, zeros64 } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { Baseline } from "./model-kind.ts";
import { addScaledRow } from "./neighbours.ts";
import { onesOf } from "./taken-items.ts";

export const easeOptionsSchema = z.strictObject({
  regularization: z.number().positive().default(100).describe("l on the diagonal: strength of the shrinkage"),
});

export type EaseOptions = z.input<typeof easeOptionsSchema>;

/** A dense square of float64 of this size takes 800 MB. */
const LARGEST = 10_000;

/** INVALID_ARGUMENT when both users and items are more than 10,000: the method needs a dense system of one of them. */
export async function ease(
  train: SparseMatrix,
  options: EaseOptions = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const { regularization } = parseOptions(easeOptionsSchema, options, "ease");
  checkSize(train);
  const binary = onesOf(train);
  const solve = train.columns <= train.rows ? fromItems : fromUsers;
  const { products, diagonal, similar } = await solve(binary, regularization, backend);
  const score = (users: Uint32Array): Matrix => {
    const scores = products(users);
    for (let p = 0; p < scores.values.length; p++) scores.values[p] /= -diagonal[p % train.columns];
    for (const [i, user] of users.entries()) addScaledRow(binary, user, 1, rowOf(scores, i));
    return scores;
  };
  return { name: "ease", score, similar: { score: similar } };
}

function checkSize({ rows, columns }: SparseMatrix): void {
  if (Math.min(rows, columns) <= LARGEST) return;
  const message = `ease: expected at most ${LARGEST} users or items, received ${rows} users and ${columns} items; leave it out`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}

interface Solved {
  /** (X P) of the given users. */
  readonly products: (users: Uint32Array) => Matrix;
  /** P_jj. */
  readonly diagonal: Float64Array;
  /** Rows of B: how much an item speaks for every other. */
  readonly similar: (items: Uint32Array) => Matrix;
}

async function fromItems(x: SparseMatrix, l: number, backend: ComputeBackend): Promise<Solved> {
  const inverse = await inverseOf(crossProducts(transposeSparse(x), x), l, backend);
  const n = x.columns;
  const diagonal = Float64Array.from({ length: n }, (_, j) => inverse.values[j * n + j]);
  const products = (users: Uint32Array): Matrix => {
    const result = zeros(users.length, n);
    for (const [i, user] of users.entries()) {
      for (let p = x.indptr[user]; p < x.indptr[user + 1]; p++) {
        const from = x.indices[p] * n;
        for (let j = 0; j < n; j++) result.values[i * n + j] += inverse.values[from + j];
      }
    }
    return result;
  };
  const similar = (items: Uint32Array): Matrix => {
    const rows = zeros(items.length, n);
    for (const [i, item] of items.entries()) {
      for (let j = 0; j < n; j++) rows.values[i * n + j] = item === j ? 0 : -inverse.values[item * n + j] / diagonal[j];
    }
    return rows;
  };
  return { products, diagonal, similar };
}

/** P_jj = (1 - x_j' (X X' + l I)^-1 x_j) / l, with x_j the column of item j. */
async function fromUsers(x: SparseMatrix, l: number, backend: ComputeBackend): Promise<Solved> {
  const turned = transposeSparse(x);
  const inverse = await inverseOf(crossProducts(x, turned), l, backend);
  const products = (users: Uint32Array): Matrix => {
    const result = zeros(users.length, x.columns);
    for (const [i, user] of users.entries()) {
      const row = result.values.subarray(i * x.columns, (i + 1) * x.columns);
      for (let v = 0; v < x.rows; v++) addScaledRow(x, v, inverse.values[user * x.rows + v], row);
    }
    return result;
  };
  const diagonal = Float64Array.from({ length: x.columns }, (_, j) => {
    const takers = turned.indices.subarray(turned.indptr[j], turned.indptr[j + 1]);
    let sum = 0;
    for (const a of takers) for (const b of takers) sum += inverse.values[a * x.rows + b];
    return (1 - sum) / l;
  });
  const similar = (items: Uint32Array): Matrix => {
    const rows = zeros(items.length, x.columns);
    for (const [i, item] of items.entries()) {
      const row = rows.values.subarray(i * x.columns, (i + 1) * x.columns);
      const takers = turned.indices.subarray(turned.indptr[item], turned.indptr[item + 1]);
      for (let v = 0; v < x.rows; v++) {
        const weight = takers.reduce((sum, taker) => sum + inverse.values[taker * x.rows + v], 0);
        addScaledRow(x, v, weight, row);
      }
      // B_ij = -P_ij / P_jj with P_ij = -x_i' (X X' + l I)^-1 x_j / l off the diagonal.
      for (let j = 0; j < x.columns; j++) row[j] = j === item ? 0 : row[j] / (l * diagonal[j]);
    }
    return rows;
  };
  return { products, diagonal, similar };
}

/** A B for sparse A (n x m) and B (m x n), dense: the co-occurrences. */
function crossProducts(a: SparseMatrix, b: SparseMatrix): Matrix<Float64Array> {
  const product = zeros64(a.rows, b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let p = a.indptr[i]; p < a.indptr[i + 1]; p++) {
      const m = a.indices[p];
      for (let q = b.indptr[m]; q < b.indptr[m + 1]; q++)
        product.values[i * b.columns + b.indices[q]] += a.values[p] * b.values[q];
    }
  }
  return product;
}

async function inverseOf(gram: Matrix<Float64Array>, l: number, backend: ComputeBackend): Promise<Matrix> {
  const identity = zeros64(gram.rows, gram.rows);
  for (let i = 0; i < gram.rows; i++) identity.values[i * gram.rows + i] = 1;
  const [inverse] = await backend.solveShifted(gram, identity, [l]);
  return inverse;
}

export const easeKind: Baseline<EaseOptions> = {
  name: "ease",
  words: "a linear autoencoder: items are scored by weights between items, solved in closed form",
  knowsContent: false,
  schema: easeOptionsSchema,
  choice: { grid: [100, 10, 1000].map((regularization) => ({ regularization })), judgedOn: "warm" },
  fit: ({ train }, options) => ease(train, options),
};
