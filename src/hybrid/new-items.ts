/** Vectors for items that were not there in training: prior, expected norm and content channel; nothing else is known of them. */
import type { BackendContext } from "../als/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { predictPrior } from "../regressor/regressor.ts";
import { predictedVectors, scaleCold } from "./cold-vectors.ts";
import { channelVectors, contentVectors } from "./content-channel.ts";
import type { HybridModel } from "./hybrid.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import { confidenceInPriors } from "./item-parts.ts";

/** The parts of a model that embed a new item. */
export type NewItemModel = Pick<HybridModel, "regressor" | "calibration" | "channel">;

/** Vectors in the space of the fitted model: n x (k + channel). `features` must come from the model's feature space. */
export async function embedNewItems(
  { regressor, calibration, channel }: NewItemModel,
  features: FeatureMatrix,
  context: BackendContext = {},
): Promise<ItemEmbeddings> {
  const backend = context.backend ?? defaultBackend();
  const prior = await predictPrior(regressor, features, backend);
  const contents = channel && contentVectors(features, regressor.standardisation);
  const content = contents && (await channelVectors(contents, channel, backend));
  const predicted = await predictedVectors({ prior, features, content }, calibration, context);
  const confidence = confidenceInPriors(features, regressor.missingBlockInflation);
  return {
    vectors: scaleCold(predicted, calibration),
    rank: prior.columns,
    support: new Uint32Array(prior.rows),
    source: Array.from({ length: prior.rows }, () => "content"),
    uncertainty: Float32Array.from(confidence, (value) => 1 / Math.sqrt(value)),
  };
}
