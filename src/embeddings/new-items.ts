/** Vectors for items that were not there in training: the prior and the content channel, nothing else is known of them. */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { defaultKernel } from "../math/kernel.ts";
import { concatColumns } from "../math/matrix.ts";
import { predictPrior } from "../regressor/regressor.ts";
import { channelVectors, contentVectors } from "./content-channel.ts";
import { confidenceInPriors } from "./embed-items.ts";
import type { HybridModel } from "./hybrid.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import type { EmbeddingContext } from "./joint-training.ts";

/** Vectors in the space of the fitted model: n x (k + channel). `features` must come from the model's feature space. */
export async function embedNewItems(
  { regressor, channel }: Pick<HybridModel, "regressor" | "channel">,
  features: FeatureMatrix,
  context: EmbeddingContext = {},
): Promise<ItemEmbeddings> {
  const prior = await predictPrior(regressor, features, context.kernel ?? defaultKernel());
  const content = channel && channelVectors(contentVectors(features, regressor.standardisation), channel);
  const confidence = confidenceInPriors(features, regressor.missingBlockInflation);
  return {
    vectors: content === undefined ? prior : concatColumns([prior, content]),
    rank: prior.columns,
    support: new Uint32Array(prior.rows),
    source: Array.from({ length: prior.rows }, () => "content"),
    uncertainty: Float32Array.from(confidence, (value) => 1 / Math.sqrt(value)),
  };
}
