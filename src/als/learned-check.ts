/**
 * Whether ALS learned anything. Where confidences are tiny against alpha0 and lambda, w = h = 0 is the best that the loss has:
 * every score is near 0, and whatever is made of the factors is noise. The bound |w.h| <= max |w| max |h| tells without a score.
 */
import { TailrecError } from "../errors.ts";
import { firstBrokenRow, type Matrix, type SparseMatrix } from "../math/matrix.ts";
import { squaredNorms } from "../math/row-norms.ts";
import { quantile } from "../math/statistics.ts";
import type { ResolvedAlsOptions } from "./als-options.ts";

/** The target of an observed pair is 1; below this a model has not come nearer to it than 0 is. */
const LEAST_SCORE = 1e-3;

/** Throws NOT_ENOUGH_DATA for factors that are not finite or that can score nothing, in terms of the weights they were fitted to. */
export function requireLearned(
  userFactors: Matrix,
  itemFactors: Matrix,
  interactions: SparseMatrix,
  options: ResolvedAlsOptions,
): void {
  const highest = longest(userFactors) * longest(itemFactors);
  if (highest >= LEAST_SCORE && highest < Infinity) return;
  const isBroken = firstBrokenRow(userFactors) >= 0 || firstBrokenRow(itemFactors) >= 0 || highest === Infinity;
  const found = isBroken
    ? "its factors are not finite numbers"
    : `no score can exceed ${highest.toPrecision(2)}, where 1 is the target`;
  throw new TailrecError("NOT_ENOUGH_DATA", `ALS learned nothing: ${found}; ${causeOf(interactions, options)}`);
}

function causeOf({ values }: SparseMatrix, options: ResolvedAlsOptions): string {
  const { confidenceScale, unobservedWeight, regularization } = options;
  const ascending = values.toSorted();
  const [least, typical, most] = [0, 0.5, 1].map((share) =>
    (confidenceScale * quantile(ascending, share)).toPrecision(2),
  );
  return (
    `its ${values.length} interactions have confidences (weight x confidenceScale) from ${least} to ${most}, half of them below ${typical}, ` +
    `against unobservedWeight ${unobservedWeight} and regularization ${regularization}; ` +
    "choose a confidenceScale that makes a typical confidence 1, and check the latest times where weights decay"
  );
}

function longest(factors: Matrix): number {
  return Math.sqrt(squaredNorms(factors).reduce((most, square) => Math.max(most, square), 0));
}
