/**
 * The weight a0 that the data call for. All pairs of users and items at target 0 weigh together some multiple of what the n interactions
 * weigh, each at the typical weight:
 *   a0 |U| |I| = 3 n median(c).
 * With nu = 1 a user with m of the interactions has the regularisation l (c_u + 3 mean m median(c)). So neither the size of the catalog
 * nor the unit of the weights changes what lambda means (decision 215).
 */
import type { SparseMatrix } from "../math/matrix.ts";
import { quantile } from "../math/statistics.ts";
import { parseOptions } from "../options.ts";
import { type AlsOptions, alsOptionsSchema, type ResolvedAlsOptions } from "./als-options.ts";

const UNOBSERVED_TO_OBSERVED = 3;

/** Options whose a0 may still be `auto`. */
interface OpenWeight {
  readonly unobservedWeight: number | "auto";
  readonly confidenceScale: number;
}

/** The options with their a0, found on interactions (users x items) where it is `auto`; 0 where there are none. */
export function withUnobservedWeight<O extends OpenWeight>(
  options: O,
  interactions: SparseMatrix,
): Omit<O, "unobservedWeight"> & Pick<ResolvedAlsOptions, "unobservedWeight"> {
  const { unobservedWeight, confidenceScale } = options;
  if (unobservedWeight !== "auto") return { ...options, unobservedWeight };
  return { ...options, unobservedWeight: confidenceScale * balancingWeight(interactions) };
}

/**
 * Options with `times` the weight of unobserved pairs that these stand for, and 1 / times the regularisation: a row's
 *   l (c + a0 m)   becomes   l (c / times + a0 m),   nu = 1,
 * so that rows of few interactions are regularised as before, and those of many less.
 */
export function timesUnobserved(options: AlsOptions, interactions: SparseMatrix, times: number): AlsOptions {
  if (times === 1) return options;
  const parsed = parseOptions(alsOptionsSchema, options, "collaborative");
  const { unobservedWeight, regularization } = withUnobservedWeight(parsed, interactions);
  return { ...parsed, unobservedWeight: times * unobservedWeight, regularization: regularization / times };
}

function balancingWeight({ rows, columns, values }: SparseMatrix): number {
  if (values.length === 0) return 0;
  return (UNOBSERVED_TO_OBSERVED * values.length * quantile(values.toSorted(), 0.5)) / (rows * columns);
}
