/**
 * Prior and behaviour joined into the served vectors [h ; b z(x)] of every item, cold ones included, and the users that fit
 * them: equation 2 once more, against the final vectors.
 */
import { type AlsModel, foldInUsers } from "../collaborative/als.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { itemSupport } from "../data/interactions.ts";
import { defaultKernel } from "../math/kernel.ts";
import { concatColumns, type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { predictPrior, type Regressor } from "../regressor/regressor.ts";
import { type ContentChannel, channelVectors, contentVectors, fitChannelAxes } from "./content-channel.ts";
import { type EmbeddingOptions, embeddingOptionsSchema, type ResolvedEmbeddingOptions } from "./embedding-options.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import type { EmbeddingContext } from "./joint-training.ts";
import { priorPrecisionOf, solvePosterior } from "./posterior.ts";

export interface EmbeddingData {
  readonly als: AlsModel;
  /** The training interactions: users x n. */
  readonly interactions: SparseMatrix;
  readonly features: FeatureMatrix;
  readonly regressor: Regressor;
}

export interface EmbeddedItems extends ItemEmbeddings {
  /** f(x): n x k. */
  readonly prior: Matrix;
  /** What the interactions alone say, in the basis of the vectors: n x k, zeros for cold items. */
  readonly behaviour: Matrix;
  /** Absent when options.channel is null. */
  readonly channel?: ContentChannel;
}

/** The weight that `auto` stands for where no validation has chosen one: "about a third of the scale of the factors". */
const UNTUNED_CHANNEL_WEIGHT = 0.35;

/** Vectors of every item: n x (k + channel). */
export async function embedItems(
  data: EmbeddingData,
  options: EmbeddingOptions = {},
  context: EmbeddingContext = {},
): Promise<EmbeddedItems> {
  const resolved = parseOptions(embeddingOptionsSchema, options, "embeddings");
  const { als, interactions, features, regressor } = data;
  const prior = await predictPrior(regressor, features, context.kernel ?? defaultKernel());
  const { residualVariance, missingBlockInflation } = regressor;
  const priorPrecision = await priorPrecisionOf(als, interactions, residualVariance, resolved.priorStrength);
  const confidenceInPrior = confidenceInPriors(features, missingBlockInflation);
  const posteriorData = { als, interactions, prior, priorPrecision, confidenceInPrior };
  const { factors, behaviour, source, uncertainty } = await solvePosterior(posteriorData, resolved, context);
  const support = itemSupport(interactions);
  const channel = fitChannel(data, factors, support, resolved);
  const content = channel && channelVectors(contentVectors(features, regressor.standardisation), channel);
  const vectors = content === undefined ? factors : concatColumns([factors, content]);
  return { vectors, rank: factors.columns, support, source, uncertainty, prior, behaviour, channel };
}

/** Users against the served vectors: users x (k + channel). */
export function embedUsers(
  interactions: SparseMatrix,
  vectors: Matrix,
  als: AlsModel,
  context: EmbeddingContext = {},
): Promise<Matrix> {
  return foldInUsers(interactions, vectors, als.options, context);
}

/** l of every item: 1 with complete content, less by the measured loss of every missing block. */
export function confidenceInPriors({ presence, blocks }: FeatureMatrix, inflation: Float64Array): Float64Array {
  return Float64Array.from({ length: presence.rows }, (_, i) => {
    let confidence = 1;
    for (let b = 0; b < blocks.length; b++)
      if (presence.values[i * blocks.length + b] === 0) confidence /= inflation[b];
    return confidence;
  });
}

function fitChannel(
  { features, regressor }: EmbeddingData,
  factors: Matrix,
  support: Uint32Array,
  { channel }: ResolvedEmbeddingOptions,
): ContentChannel | undefined {
  const weight = channel?.weight === "auto" ? UNTUNED_CHANNEL_WEIGHT : (channel?.weight ?? 0);
  if (channel === null || weight === 0 || features.values.columns === 0) return undefined;
  const warm = Array.from(support.keys()).filter((i) => support[i] > 0);
  const content = contentVectors(features, regressor.standardisation);
  return {
    axes: fitChannelAxes(content, warm, channel.dimension),
    length: weight * rootMeanSquareLength(factors, warm),
  };
}

function rootMeanSquareLength(matrix: Matrix, rows: readonly number[]): number {
  let sum = 0;
  for (const i of rows) for (const value of rowOf(matrix, i)) sum += value * value;
  return Math.sqrt(sum / Math.max(1, rows.length));
}
