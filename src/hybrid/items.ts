/**
 * Prior and behaviour joined into the served vectors [h ; b z(x)] of every item, cold ones included. `embedItems` gives
 * untuned embeddings; `fitHybrid` chooses the settings on validation.
 */
import type { BackendContext } from "../als/half-sweep.ts";
import { type Matrix, rowOf } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { besideContent, predictedVectors, scaleCold } from "./cold-vectors.ts";
import { type ContentChannel, channelVectors } from "./content-channel.ts";
import { type ItemSettings, untunedSettings } from "./defaults.ts";
import { type EmbeddingOptions, embeddingOptionsSchema } from "./embedding-options.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import { type EmbeddingData, type EmbeddingParts, type PartsOptions, sharedParts, solvePartsAt } from "./item-parts.ts";
import { calibrationOf, coldScale, type NormCalibration } from "./norm-calibration.ts";

export interface EmbeddedItems extends ItemEmbeddings {
  /** f(x): n x k. */
  readonly prior: Matrix;
  /** What the interactions alone say, in the basis of the vectors: n x k, zeros for cold items. */
  readonly behaviour: Matrix;
  readonly calibration: NormCalibration;
  /** Absent when the channel is off or has no weight. */
  readonly channel?: ContentChannel;
}

/** Untuned embeddings of every item: n x (k + channel). What is `auto` takes its value of `defaults.ts`. INVALID_OPTIONS. */
export async function embedItems(
  data: EmbeddingData,
  options: EmbeddingOptions = {},
  context: BackendContext = {},
): Promise<EmbeddedItems> {
  const resolved = parseOptions(embeddingOptionsSchema, options, "embeddings");
  return embedItemsAt(data, resolved, untunedSettings(resolved), context);
}

/** The served vectors of every item at given settings: n x (k + channel). */
export async function embedItemsAt(
  data: EmbeddingData,
  options: PartsOptions,
  settings: ItemSettings,
  context: BackendContext,
): Promise<EmbeddedItems> {
  const parts = await solvePartsAt(await sharedParts(data, options, context), settings.priorStrength, context);
  return assembleItems(parts, settings, context);
}

/** The served vectors from parts that were solved at the strength of the prior. */
export async function assembleItems(
  parts: EmbeddingParts,
  settings: Omit<ItemSettings, "priorStrength">,
  context: BackendContext,
): Promise<EmbeddedItems> {
  const { posterior, prior, support, norms, features, scale, content: contents } = parts;
  const { channelWeight } = settings;
  const channel = contents && channelWeight > 0 ? { axes: contents.axes, length: channelWeight * scale } : undefined;
  const content = contents && channel && (await channelVectors(contents.vectors, channel, context.backend));
  const met = besideContent(posterior.factors, content);
  const weights = calibrationOf(settings);
  const calibrated = await predictedVectors({ prior, features, content }, { norms, weights }, context);
  const compared = { met, predicted: besideContent(prior, content), calibrated };
  const calibration = { norms, weights, coldScale: coldScale(compared, support, weights.coldLevel) };
  return {
    vectors: joinItems(met, scaleCold(calibrated, calibration), support),
    rank: prior.columns,
    support,
    source: posterior.source,
    uncertainty: posterior.uncertainty,
    prior,
    behaviour: posterior.behaviour,
    calibration,
    channel,
  };
}

/** The rows of `met` for items with interactions, those of `unmet` for the others. */
function joinItems(met: Matrix, unmet: Matrix, support: Uint32Array): Matrix {
  const joined = { ...met, values: met.values.slice() };
  for (let i = 0; i < met.rows; i++) if (support[i] === 0) rowOf(joined, i).set(rowOf(unmet, i));
  return joined;
}
