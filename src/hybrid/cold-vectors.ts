/**
 * Vectors of items that nobody has met: [f(x) of calibrated length ; b z(x)], the whole times one factor. Items of the catalog
 * without interactions and items that arrive later take this one path.
 */
import type { BackendContext } from "../als/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { concatColumns, type Matrix } from "../math/matrix.ts";
import { calibrateNorms, type NormCalibration } from "./norm-calibration.ts";

export interface UnmetItems {
  /** f(x): n x k. */
  readonly prior: Matrix;
  readonly features: FeatureMatrix;
  /** b z(x): n x c; absent without a content channel. */
  readonly content?: Matrix;
}

/** The vectors before the factor, by which their mean length is set: n x (k + c). */
export async function predictedVectors(
  { prior, features, content }: UnmetItems,
  { norms, weights }: Pick<NormCalibration, "norms" | "weights">,
  context: BackendContext,
): Promise<Matrix> {
  return besideContent(await calibrateNorms(prior, features, norms, weights, context), content);
}

/** [factors ; content], or the factors alone where there is no channel. */
export function besideContent(factors: Matrix, content: Matrix | undefined): Matrix {
  return content === undefined ? factors : concatColumns([factors, content]);
}

/** Every vector times the factor on cold items. */
export function scaleCold(vectors: Matrix, { coldScale }: Pick<NormCalibration, "coldScale">): Matrix {
  return { ...vectors, values: vectors.values.map((value) => coldScale * value) };
}
