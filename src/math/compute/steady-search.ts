/**
 * Top-k whose scores do not depend on how many search together: a list is the same bytes in whatever part of a job it is made.
 * Kernels add the products of a few queries in another order than those of many, so a few are made many by queries of zeros.
 */
import type { SparseMatrix } from "../matrix.ts";
import type { ComputeBackend, TopK, TopKRequest, TopKViewsRequest } from "./compute-backend.ts";

/** Queries from which on kernels work alike, with room to spare. */
const MANY = 16;

export async function steadyTopK(backend: Pick<ComputeBackend, "topK">, request: TopKRequest): Promise<TopK> {
  const { rows } = request.queries;
  if (rows >= MANY) return backend.topK(request);
  return firstRows(await backend.topK({ ...request, ...made(request) }), rows);
}

/** The same of `topKViews`. */
export async function steadyTopKViews(
  backend: Pick<ComputeBackend, "topKViews">,
  request: TopKViewsRequest,
): Promise<readonly TopK[]> {
  const { rows } = request.queries;
  if (rows >= MANY) return backend.topKViews(request);
  const views = request.views.map((view) => ({ ...view, ...(view.asked && { asked: withZeros(view.asked) }) }));
  const found = await backend.topKViews({ ...request, ...made(request), views });
  return found.map((lists) => firstRows(lists, rows));
}

/** Queries, and what they exclude, with as many of zeros as make them many. */
function made({ queries: { columns, values: given }, exclude }: Pick<TopKRequest, "queries" | "exclude">) {
  const values = new Float32Array(MANY * columns);
  values.set(given);
  return { queries: { rows: MANY, columns, values }, ...(exclude && { exclude: withEmptyRows(exclude) }) };
}

function withEmptyRows(pattern: SparseMatrix): SparseMatrix {
  const indptr = new Uint32Array(MANY + 1).fill(pattern.indices.length);
  indptr.set(pattern.indptr);
  return { ...pattern, rows: MANY, indptr };
}

function withZeros(asked: Uint8Array): Uint8Array {
  const flags = new Uint8Array(MANY);
  flags.set(asked);
  return flags;
}

function firstRows({ count, items, scores }: TopK, rows: number): TopK {
  return { count, items: items.slice(0, rows * count), scores: scores.slice(0, rows * count) };
}
