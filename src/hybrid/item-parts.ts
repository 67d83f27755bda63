/**
 * The parts of item vectors that cost: prior, posterior, shrinkage, content axes. Settings of the assembly do not touch
 * them; of all settings only the strength of the prior needs the posterior solved anew.
 */

import type { AlsModel } from "../als/als.ts";
import type { BackendContext } from "../als/half-sweep.ts";
import { type FeatureMatrix, hasContent } from "../data/feature-matrix.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import { hasPart, partRanges } from "../data/reduced-block.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, rowOf } from "../math/matrix.ts";
import { predictPrior, type Regressor } from "../regressor/regressor.ts";
import { contentVectors, fitChannelAxes, unitContent } from "./content-channel.ts";
import type { ResolvedEmbeddingOptions } from "./embedding-options.ts";
import { measureShrinkage } from "./lift.ts";
import {
  dimensionPrecisionOf,
  type ItemRows,
  itemRows,
  type Posterior,
  type PreparedItems,
  posteriorAt,
  prepareItems,
} from "./posterior.ts";

export interface EmbeddingData {
  readonly als: AlsModel;
  /** The training interactions: users x n. */
  readonly interactions: Interactions;
  readonly features: FeatureMatrix;
  readonly regressor: Regressor;
  /** f(x) of every item, n x k, where it is known already. */
  readonly prior?: Matrix;
  /** What `contentParts` gives, where it is known already. */
  readonly content?: ContentParts;
  /** What `itemRows` gives, where it is known already. */
  readonly itemRows?: ItemRows;
}

/** Content along the axes of the channel, rows of length 1 (n x c), and the axes (d x c). */
export interface ContentParts {
  readonly unit: Matrix;
  readonly axes: Matrix;
}

/** The options that the parts depend on. */
export type PartsOptions = Pick<ResolvedEmbeddingOptions, "exposure" | "exposureFrom" | "channel">;

/** What does not depend on any setting. */
export interface SharedParts {
  /** All items, ready to be solved at any strength of the prior. */
  readonly prepared: PreparedItems;
  /** f(x): n x k. */
  readonly prior: Matrix;
  readonly support: Uint32Array;
  /** Rows of the items with interactions. */
  readonly warm: readonly number[];
  /** Absent when the channel is off. */
  readonly content?: ContentParts;
}

/** The parts at one strength of the prior. */
export interface EmbeddingParts extends SharedParts {
  readonly posterior: Posterior;
  /** Root mean square length of the posterior factors of warm items. */
  readonly scale: number;
  /** How much shorter predictions are than these factors (lift.ts). */
  readonly shrinkage: number;
}

/** The parts that every strength of the prior shares. */
export async function sharedParts(
  data: EmbeddingData,
  options: PartsOptions,
  context: BackendContext,
): Promise<SharedParts> {
  const backend = context.backend ?? defaultBackend();
  const { als, interactions, features, regressor } = data;
  const prior = data.prior ?? (await predictPrior(regressor, features, backend));
  const dimensionPrecision = dimensionPrecisionOf(als, interactions, regressor.residualVariance);
  const confidenceInPrior = confidenceInPriors(features, regressor.missingBlockInflation);
  const rows = data.itemRows ?? (await itemRows(data, options, backend));
  const users = als.userFactors.rows;
  const prepared = await prepareItems({ als, ...rows, prior, dimensionPrecision, confidenceInPrior, users }, context);
  const support = itemSupport(interactions);
  const warm = warmItems(support);
  const content = data.content ?? (await contentParts(data, options, backend));
  const shared = { prepared, prior, support, warm };
  return content === undefined ? shared : { ...shared, content };
}

/** Content as the channel shows it, axes fitted on the items with interactions; undefined when the channel is off or there is no content. */
export async function contentParts(
  { interactions, features, regressor }: Pick<EmbeddingData, "interactions" | "features" | "regressor">,
  { channel }: PartsOptions,
  backend: ComputeBackend = defaultBackend(),
): Promise<ContentParts | undefined> {
  if (channel === null || !hasContent(features)) return undefined;
  const vectors = contentVectors(features, regressor.standardisation);
  const axes = await fitChannelAxes(vectors, warmItems(itemSupport(interactions)), channel.dimension, backend);
  return { unit: await unitContent(vectors, axes, backend), axes };
}

function warmItems(support: Uint32Array): number[] {
  return Array.from(support.keys()).filter((i) => support[i] > 0);
}

/** The parts at a strength of the prior: one posterior solve. */
export async function solvePartsAt(
  shared: SharedParts,
  priorStrength: number,
  context: BackendContext,
): Promise<EmbeddingParts> {
  const { prepared, prior, support, warm } = shared;
  const posterior = await posteriorAt(prepared, { priorStrength }, context);
  const shrinkage = measureShrinkage(posterior.factors, prior, support);
  return { ...shared, posterior, shrinkage, scale: rootMeanSquareLength(posterior.factors, warm) };
}

/**
 * Confidence in the prior of every item: 1 with complete content, less by the measured loss of every block and every part of a block
 * that is missing (`missingBlockInflation`). Without all of its parts a block is missed as much as they are together, or more.
 */
export function confidenceInPriors(
  features: Pick<FeatureMatrix, "presence" | "blocks" | "sparse">,
  inflation: Float64Array,
): Float64Array {
  const { presence, blocks, sparse } = features;
  const parts = partRanges(blocks).map((range, p) => ({ range, loss: inflation[blocks.length + p] ?? 1 }));
  const lossOfAll = parts.reduce((product, { loss }) => product * loss, 1);
  return Float64Array.from({ length: presence.rows }, (_, i) => {
    // Losses are multiplied in one order, so that rounding leaves fewer parts no more confidence.
    let lost = 1;
    for (const [b, { isReduced }] of blocks.entries()) {
      const isMissing = presence.values[i * blocks.length + b] === 0;
      if (isMissing) lost *= isReduced ? Math.max(inflation[b], lossOfAll) : inflation[b];
      else if (isReduced && sparse) {
        lost *= parts.reduce((product, { range, loss }) => (hasPart(sparse, i, range) ? product : product * loss), 1);
      }
    }
    return 1 / lost;
  });
}

function rootMeanSquareLength(matrix: Matrix, rows: readonly number[]): number {
  let sum = 0;
  for (const i of rows) for (const value of rowOf(matrix, i)) sum += value * value;
  return Math.sqrt(sum / Math.max(1, rows.length));
}
