/** The loss of equation 1 in float64; sum_all (w_u.h_i)^2 is the inner product of the two Grams, so no pair is enumerated. */
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { type AlsOptions, alsOptionsSchema } from "./als-options.ts";
import { rowRegularization, scaleConfidence } from "./half-sweep.ts";
import { withUnobservedWeight } from "./unobserved-weight.ts";

export interface AlsFactors {
  readonly userFactors: Matrix;
  readonly itemFactors: Matrix;
}

/** The loss of the factors on the interactions; `itemPrior` is zero when absent. */
export async function alsObjective(
  interactions: SparseMatrix,
  { userFactors, itemFactors }: AlsFactors,
  options: AlsOptions = {},
  itemPrior?: Matrix,
  backend: ComputeBackend = defaultBackend(),
): Promise<number> {
  const resolved = withUnobservedWeight(parseOptions(alsOptionsSchema, options, "collaborative"), interactions);
  const rows = scaleConfidence(interactions, resolved.confidenceScale);
  const [userGram, itemGram] = [await backend.gram(userFactors), await backend.gram(itemFactors)];
  const everyPair = userGram.values.reduce((sum, value, p) => sum + value * itemGram.values[p], 0);
  return (
    observedLoss(rows, userFactors, itemFactors) +
    resolved.unobservedWeight * everyPair +
    penalty(userFactors, rowRegularization(rows, resolved)) +
    penalty(itemFactors, rowRegularization(await backend.transpose(rows), resolved), itemPrior)
  );
}

function observedLoss(rows: SparseMatrix, userFactors: Matrix, itemFactors: Matrix): number {
  let loss = 0;
  for (let u = 0; u < rows.rows; u++) {
    const w = rowOf(userFactors, u);
    for (let p = rows.indptr[u]; p < rows.indptr[u + 1]; p++) {
      const h = rowOf(itemFactors, rows.indices[p]);
      let score = 0;
      for (let d = 0; d < w.length; d++) score += w[d] * h[d];
      loss += rows.values[p] * (score - 1) ** 2;
    }
  }
  return loss;
}

function penalty(factors: Matrix, precision: Float64Array, prior?: Matrix): number {
  let loss = 0;
  for (let p = 0; p < factors.values.length; p++) {
    const difference = factors.values[p] - (prior?.values[p] ?? 0);
    loss += precision[Math.floor(p / factors.columns)] * difference * difference;
  }
  return loss;
}
