/**
 * Baseline `feature-ials`: implicit ALS whose item prior is linear in the items' features, both learnt together, as in irspack's
 * feature iALS. It minimises equation 1 with p_i = B'x_i, and s |B|^2 beside it, by turns:
 *
 *   a user and an item half-sweep towards p,    (X' L X + s I) B = X' L H    over the items with interactions, L = diag(l_i).
 *
 * An item without interactions is its prior B'x_i.
 */
import { z } from "zod";
import { fitAls } from "../als/als.ts";
import { alsOptionsSchema } from "../als/als-options.ts";
import { type BackendContext, rowRegularization, scaleConfidence } from "../als/half-sweep.ts";
import { withUnobservedWeight } from "../als/unobserved-weight.ts";
import { itemSupport } from "../data/interactions.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { transpose } from "../math/linear-map.ts";
import { concatColumns, type Matrix, rowOf, type SparseMatrix, takeRows, toFloat64 } from "../math/matrix.ts";
import { scaleRows } from "../math/row-norms.ts";
import { parseOptions } from "../options.ts";

export const featureIalsOptionsSchema = alsOptionsSchema.extend({
  featureRegularization: z
    .number()
    .positive()
    .default(0.1)
    .describe("s over the mean diagonal of X' L X: how much the prior is shrunk to zero"),
});

export type FeatureIalsOptions = z.input<typeof featureIalsOptionsSchema>;

export interface FeatureIals {
  /** users x k. */
  readonly userFactors: Matrix;
  /** items x k: h_i, and the prior for items without interactions. */
  readonly itemFactors: Matrix;
  /** B'x_i: items x k. */
  readonly prior: Matrix;
  /** B: (features + 1) x k, the last row for a feature that is always 1. */
  readonly weights: Matrix;
}

/** Fits on `train` (users x items) and `content` (items x d); one turn an iteration. Errors: those of `fitAls`. */
export async function fitFeatureIals(
  train: SparseMatrix,
  content: Matrix,
  options: FeatureIalsOptions = {},
  context: BackendContext = {},
): Promise<FeatureIals> {
  const parsed = parseOptions(featureIalsOptionsSchema, options, "feature-ials");
  const { featureRegularization, ...collaborative } = withUnobservedWeight(parsed, train);
  const backend = context.backend ?? defaultBackend();
  const features = withConstant(content);
  const byItem = scaleConfidence(await backend.transpose(train), collaborative.confidenceScale);
  const precision = rowRegularization(byItem, collaborative);
  const support = itemSupport(train);
  const solve = await priorSolver(features, precision, support, featureRegularization, backend);
  const quiet = { signal: context.signal, backend };
  let als = await fitAls(train, { ...collaborative, iterations: 1 }, quiet);
  let weights = await solve(als.itemFactors);
  let prior = await backend.multiplyTransposed(features, transpose(weights));
  for (let turn = 1; turn <= collaborative.iterations; turn++) {
    const start = { ...quiet, start: als.itemFactors, itemPrior: prior };
    als = await fitAls(train, { ...collaborative, iterations: 1 }, start);
    weights = await solve(als.itemFactors);
    prior = await backend.multiplyTransposed(features, transpose(weights));
    context.onProgress?.({ stage: "feature-ials", done: turn, total: collaborative.iterations });
  }
  const itemFactors = { ...als.itemFactors, values: als.itemFactors.values.slice() };
  for (const [item, count] of support.entries()) if (count === 0) rowOf(itemFactors, item).set(rowOf(prior, item));
  return { userFactors: als.userFactors, itemFactors, prior, weights };
}

/** B from the factors H of all items. The system is factored once: only H changes from turn to turn. */
async function priorSolver(
  features: Matrix,
  precision: Float64Array,
  support: Uint32Array,
  share: number,
  backend: ComputeBackend,
): Promise<(factors: Matrix) => Promise<Matrix>> {
  const warm = Array.from(support.keys()).filter((item) => support[item] > 0);
  const known = takeRows(features, warm);
  const weights = Float64Array.from(warm, (item) => precision[item]);
  const gram = await backend.gram(known, weights);
  const size = gram.columns;
  const trace = gram.values.reduce((sum, value, p) => sum + (p % (size + 1) === 0 ? value : 0), 0);
  const factored = await backend.factor(gram, (share * trace) / size);
  const weighted = transpose(scaleRows(known, weights));
  return async (factors) => {
    const right = await backend.multiplyTransposed(weighted, transpose(takeRows(factors, warm)));
    return backend.solveFactored(factored, toFloat64(right));
  };
}

function withConstant(content: Matrix): Matrix {
  const ones = { rows: content.rows, columns: 1, values: new Float32Array(content.rows).fill(1) };
  return concatColumns([content, ones]);
}
