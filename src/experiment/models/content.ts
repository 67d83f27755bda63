/** Content vectors as the baselines see them: standardised on the items with behaviour, as the content channel is, unreduced. */
import { type FeatureMatrix, fitStandardisation } from "../../data/feature-matrix.ts";
import { type Interactions, itemSupport } from "../../data/interactions.ts";
import { contentVectors } from "../../hybrid/content-channel.ts";
import type { Matrix } from "../../math/matrix.ts";

/** items x d. */
export function contentOf(train: Interactions, features: FeatureMatrix): Matrix {
  const support = itemSupport(train);
  const warm = Array.from(support.keys()).filter((item) => support[item] > 0);
  return contentVectors(features, fitStandardisation(features, warm));
}
