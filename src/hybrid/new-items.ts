/** Vectors for items that were not there in training: prior, expected norm and content channel; nothing else is known of them. */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { concatColumns } from "../math/matrix.ts";
import { predictPrior } from "../regressor/regressor.ts";
import { channelVectors, contentVectors } from "./content-channel.ts";
import { confidenceInPriors } from "./embed-items.ts";
import type { HybridModel } from "./hybrid.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import type { EmbeddingContext } from "./joint-training.ts";
import { calibrateNorms } from "./norm-calibration.ts";

/** What of a model embeds a new item. */
export type NewItemModel = Pick<HybridModel, "regressor" | "calibration" | "channel">;

/** Vectors in the space of the fitted model: n x (k + channel). `features` must come from the model's feature space. */
export async function embedNewItems(
  { regressor, calibration, channel }: NewItemModel,
  features: FeatureMatrix,
  context: EmbeddingContext = {},
): Promise<ItemEmbeddings> {
  const backend = context.backend ?? defaultBackend();
  const prior = await predictPrior(regressor, features, backend);
  const confidence = confidenceInPriors(features, regressor.missingBlockInflation);
  const uncertainty = Float32Array.from(confidence, (value) => 1 / Math.sqrt(value));
  const support = new Uint32Array(prior.rows);
  const { norms, weights, lift } = calibration;
  const factors = await calibrateNorms(prior, features, norms, weights, context);
  const content =
    channel && (await channelVectors(contentVectors(features, regressor.standardisation), channel, backend));
  const vectors = content === undefined ? factors : concatColumns([factors, content]);
  return {
    vectors: { ...vectors, values: vectors.values.map((value) => lift * value) },
    rank: factors.columns,
    support,
    source: Array.from({ length: factors.rows }, () => "content"),
    uncertainty,
  };
}
