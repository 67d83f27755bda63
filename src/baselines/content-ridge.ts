/**
 * Baseline `content-ridge`: a ridge regression per user in content space, which is equation 2 with the items' unit
 * content vectors z as the fixed side (what "user ridge in content space" means in DESIGN):
 *
 *   (a0 Z'Z + sum c_ui z_i z_i' + l_u I) w_u = sum c_ui z_i,   l_u = l (sum c_ui + a0 n)^nu
 */

import { factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import { unitRows } from "../math/row-norms.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { type ContentRidgeOptions, contentRidgeOptionsSchema } from "./options.ts";

/** Fits every user's weights (users x d) on `train` and `content` (items x d); score(u, j) = w_u . z_j. */
export async function contentRidge(
  train: SparseMatrix,
  content: Matrix,
  options: ContentRidgeOptions = {},
  context: RunContext & { readonly backend?: ComputeBackend } = {},
): Promise<ScoredContender> {
  const parsed = parseOptions(contentRidgeOptionsSchema, options, "content-ridge");
  const { unobservedWeight, regularization, regularizationExponent } = parsed;
  const backend = context.backend ?? defaultBackend();
  const factors = unitRows(content);
  const rowPrecision = Float64Array.from({ length: train.rows }, (_, user) => {
    const observed = train.values.subarray(train.indptr[user], train.indptr[user + 1]).reduce((sum, c) => sum + c, 0);
    return regularization * (observed + unobservedWeight * content.rows) ** regularizationExponent;
  });
  const gram = await backend.gram(factors);
  const weights = await backend.solveRows({ factors, gram, rows: train, unobservedWeight, rowPrecision }, context);
  return { name: "content-ridge", ...factorRanker(weights, factors, backend) };
}
