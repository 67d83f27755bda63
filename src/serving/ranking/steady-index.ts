/**
 * An index whose scores do not depend on how many search together: a list is the same bytes in whatever part of a job it is made.
 * Kernels add the products of a few queries in another order than those of many, so a few are made many by queries of zeros.
 */
import type { ComputeBackend } from "../../math/compute/backend.ts";
import type { TopK, TopKRequest } from "../../math/compute/compute-backend.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import type { ItemIndex } from "./item-index.ts";

/** Queries from which on kernels work alike, with room to spare. */
const MANY = 16;

export function steadyIndex(index: ItemIndex): ItemIndex {
  return { ...index, backend: { ...index.backend, topK: (request) => searchMany(index.backend, request) } };
}

async function searchMany(backend: ComputeBackend, request: TopKRequest): Promise<TopK> {
  const { queries, exclude } = request;
  const { rows, columns } = queries;
  if (rows >= MANY) return backend.topK(request);
  const values = new Float32Array(MANY * columns);
  values.set(queries.values);
  const more = { queries: { rows: MANY, columns, values }, ...(exclude && { exclude: withEmptyRows(exclude) }) };
  const { count, items, scores } = await backend.topK({ ...request, ...more });
  return { count, items: items.slice(0, rows * count), scores: scores.slice(0, rows * count) };
}

function withEmptyRows(pattern: SparseMatrix): SparseMatrix {
  const indptr = new Uint32Array(MANY + 1).fill(pattern.indices.length);
  indptr.set(pattern.indptr);
  return { ...pattern, rows: MANY, indptr };
}
