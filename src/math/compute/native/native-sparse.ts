/** Products of sparse rows by the native backend, and their transpose. */
import type { Matrix, SparseMatrix } from "../../matrix.ts";
import type { SparseProductRequest } from "../compute-backend.ts";
import { checkIndices, invalid } from "../matrix-check.ts";
import { checkBothSparse, checkSparseDense, checkTranspose } from "../request-check.ts";
import { allocate, newMatrix } from "../result-memory.ts";
import { sharedFloat32, sharedUint32, sharedZeros } from "../shared-memory.ts";
import { CHANGED, type NativeEngine, type NativeStatus, statusOf, UNSOUND } from "./native-engine.ts";

export async function transpose(engine: NativeEngine, matrix: SparseMatrix): Promise<SparseMatrix> {
  checkTranspose(matrix);
  const { rows, columns, indptr, indices, values } = matrix;
  const entries = indices.length;
  const out = allocate(4 * columns + 8 * entries, "the transpose", () => ({
    outIndptr: sharedUint32(columns + 1),
    outIndices: sharedUint32(entries),
    outValues: sharedFloat32(entries),
  }));
  requireSound(await statusOf(() => engine.transpose({ rows, columns, indptr, indices, values, ...out })), matrix);
  return { rows: columns, columns: rows, indptr: out.outIndptr, indices: out.outIndices, values: out.outValues };
}

export async function multiplySparse(engine: NativeEngine, a: SparseMatrix, b: Matrix, into?: Matrix): Promise<Matrix> {
  checkSparseDense(a, b, into);
  const { rows, columns: depth, indptr, indices, values } = a;
  // In shared memory: what is multiplied next reads it in place.
  const product = into ?? allocate(4 * rows * b.columns, "the product", () => sharedZeros(rows, b.columns));
  const request = { rows, depth, columns: b.columns, indptr, indices, values, b: b.values, out: product.values };
  requireSound(await statusOf(() => engine.multiplySparse(request)), a);
  return product;
}

export async function multiplyBothSparse(engine: NativeEngine, request: SparseProductRequest): Promise<Matrix> {
  const first = checkBothSparse(request);
  const { a, b, start, into } = request;
  const columns = b.columns - first;
  const product = into ?? newMatrix(a.rows, columns, "the product");
  const status = await statusOf(() =>
    engine.multiplyBothSparse({
      rows: a.rows,
      depth: a.columns,
      first,
      columns,
      indptr: a.indptr,
      indices: a.indices,
      values: a.values,
      bIndptr: b.indptr,
      bIndices: b.indices,
      bValues: b.values,
      start: start?.values,
      out: product.values,
    }),
  );
  requireSound(status, a, b);
  return product;
}

/** Names the index that is out of range; where none is by now, it was in the middle of the job. */
function requireSound(status: NativeStatus, ...matrices: readonly SparseMatrix[]): void {
  if (status !== UNSOUND) return;
  for (const matrix of matrices) checkIndices(matrix);
  throw invalid(CHANGED);
}
