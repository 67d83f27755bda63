/** Vectors for items that were not there in training: prior, lift and content channel; nothing else is known of them. */
import type { BackendContext } from "../als/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { concatColumns, type Matrix } from "../math/matrix.ts";
import { scaleRows } from "../math/row-norms.ts";
import { predictPrior } from "../regressor/regressor.ts";
import { channelVectors, contentVectors } from "./content-channel.ts";
import type { HybridModel } from "./hybrid.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import { confidenceInPriors } from "./item-parts.ts";
import { liftRows } from "./lift.ts";
import { calibrateNorms } from "./norm-calibration.ts";
import { newSimilar } from "./similar/similar-model.ts";

/** The parts of a model that embed a new item. */
export type NewItemModel = Pick<HybridModel, "regressor" | "lift" | "calibration" | "channel" | "similar">;

export interface NewItemEmbeddings extends ItemEmbeddings {
  /** By which they are compared with the items of the model: n x d. */
  readonly similar: Matrix;
}

/** Vectors in the space of the fitted model: n x (k + channel). `features` must come from the model's feature space. */
export async function embedNewItems(
  { regressor, lift, calibration, channel, similar }: NewItemModel,
  features: FeatureMatrix,
  context: BackendContext = {},
): Promise<NewItemEmbeddings> {
  const backend = context.backend ?? defaultBackend();
  const prior = await predictPrior(regressor, features, backend);
  const contents = channel && contentVectors(features, regressor.standardisation);
  const content = contents && (await channelVectors(contents, channel, backend));
  const support = new Uint32Array(prior.rows);
  const factors =
    calibration === undefined
      ? liftRows(prior, lift.factors, support)
      : await calibrateNorms(prior, features, calibration, context);
  const beside = content && liftRows(content, lift.content, support);
  const joined = beside === undefined ? factors : concatColumns([factors, beside]);
  const vectors =
    calibration === undefined ? joined : scaleRows(joined, new Float64Array(prior.rows).fill(calibration.coldScale));
  const confidence = confidenceInPriors(features, regressor.missingBlockInflation);
  return {
    vectors,
    // Models of earlier versions compare by the served vectors.
    similar: similar === undefined ? vectors : await newSimilar(similar, { ...regressor, features, prior }, backend),
    rank: prior.columns,
    support,
    source: Array.from({ length: prior.rows }, () => "content"),
    uncertainty: Float32Array.from(confidence, (value) => 1 / Math.sqrt(value)),
  };
}
