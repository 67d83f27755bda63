/**
 * Baseline `content-ridge`: a ridge regression per user in content space, which is equation 2 with the items' unit
 * content vectors z as the fixed side (what "user ridge in content space" means in DESIGN):
 *
 *   (a0 Z'Z + sum c_ui z_i z_i' + l_u I) w_u = sum c_ui z_i,   l_u = l (sum c_ui + a0 n)^nu
 */

import { z } from "zod";
import { queryRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import type { DiagonalBasis } from "../math/compute/diagonal-basis.ts";
import { gramBasis } from "../math/compute/gram-basis.ts";
import { type Matrix, type SparseMatrix, takeSparseRows, zeros } from "../math/matrix.ts";
import { directionsOf } from "../math/row-norms.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import type { Baseline } from "./model-kind.ts";

/** Defaults of implicit ALS (Rendle et al. 2022): the same equation with the items' side fixed. */
export const contentRidgeOptionsSchema = z.strictObject({
  unobservedWeight: z.number().min(0).default(0.1).describe("weight of every user-item pair's target 0"),
  regularization: z.number().positive().default(0.1).describe("strength of the ridge"),
  regularizationExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("0 regularises all users alike, 1 in proportion to their data"),
});

export type ContentRidgeOptions = z.input<typeof contentRidgeOptionsSchema>;

export interface ContentRidgeContext extends RunContext {
  readonly backend?: ComputeBackend;
  /** That of the same content, where somebody has it: it depends on no option. */
  readonly basis?: () => Promise<DiagonalBasis>;
}

/** The basis in which every user is solved against unit content vectors (items x d). */
export async function contentBasis(
  directions: Matrix,
  backend: ComputeBackend = defaultBackend(),
): Promise<DiagonalBasis> {
  return gramBasis(await backend.gram(directions), backend);
}

/** score(u, j) = w_u . z_j on `train` and `content` (items x d). A user's weights are solved when somebody asks: most evaluations ask for some. */
export async function contentRidge(
  train: SparseMatrix,
  content: Matrix,
  options: ContentRidgeOptions = {},
  context: ContentRidgeContext = {},
): Promise<ScoredContender> {
  const parsed = parseOptions(contentRidgeOptionsSchema, options, "content-ridge");
  const { unobservedWeight, regularization, regularizationExponent } = parsed;
  const backend = context.backend ?? defaultBackend();
  const factors = directionsOf(content);
  const { columns } = factors;
  const precisionOf = (rows: SparseMatrix) =>
    Float64Array.from({ length: rows.rows }, (_, row) => {
      const observed = rows.values.subarray(rows.indptr[row], rows.indptr[row + 1]).reduce((sum, c) => sum + c, 0);
      return regularization * (observed + unobservedWeight * content.rows) ** regularizationExponent;
    });
  const basis = columns === 0 ? undefined : await (context.basis?.() ?? contentBasis(factors, backend));
  const take = async (users: Uint32Array, into?: Float32Array): Promise<Matrix> => {
    // Where no item has content, every score is 0.
    if (columns === 0) return zeros(users.length, 0);
    const rows = takeSparseRows(train, users);
    const systems = { factors, basis, rows, unobservedWeight, rowPrecision: precisionOf(rows) };
    const room = into && { rows: users.length, columns, values: into };
    return backend.solveRows({ ...systems, into: room }, { signal: context.signal });
  };
  return { name: "content-ridge", ...queryRanker({ rows: train.rows, columns, take }, factors, backend) };
}

/** Content alone must do for cold and for warm items: a gain in either counts as a share of it. */
export const contentRidgeKind: Baseline<ContentRidgeOptions> = {
  name: "content-ridge",
  words: "a ridge regression per user on the items' content vectors",
  knowsContent: true,
  schema: contentRidgeOptionsSchema,
  choice: {
    grid: [0.1, 0.01].flatMap((unobservedWeight) =>
      [0.1, 1, 10].map((regularization) => ({ unobservedWeight, regularization })),
    ),
    judgedOn: "cold-and-warm",
  },
  fit: async ({ train, directions, directionsBasis, context }, options) =>
    contentRidge(train, await directions(), options, { ...context, basis: directionsBasis }),
};
