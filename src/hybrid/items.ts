/**
 * Prior and behaviour joined into the served vectors [h ; b z(x)] of every item, cold ones included. `embedItems` gives
 * untuned embeddings; `fitHybrid` chooses the settings on validation.
 */
import type { BackendContext } from "../als/half-sweep.ts";
import type { Matrix } from "../math/matrix.ts";
import type { MatrixRoom } from "../math/matrix-room.ts";
import { parseOptions } from "../options.ts";
import type { ContentChannel } from "./content-channel.ts";
import { type ItemSettings, untunedSettings } from "./defaults.ts";
import { type EmbeddingOptions, embeddingOptionsSchema } from "./embedding-options.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import { type EmbeddingData, type EmbeddingParts, sharedParts, solvePartsAt } from "./item-parts.ts";
import { type Lift, liftedSideBySide, liftOf } from "./lift.ts";
import type { ItemSolve } from "./posterior.ts";

export interface EmbeddedItems extends ItemEmbeddings {
  /** f(x): n x k. */
  readonly prior: Matrix;
  /** What the interactions alone say, in the basis of the vectors: n x k, zeros for cold items. */
  readonly behaviour: Matrix;
  readonly lift: Lift;
  /** What the items were solved against. */
  readonly itemSolve: ItemSolve;
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
  const settings = untunedSettings(resolved, data.features);
  const shared = await sharedParts(data, resolved, context);
  return assembleItems(await solvePartsAt(shared, settings.priorStrength, context), settings);
}

/** The served vectors from parts that were solved at the strength of the prior; in memory of `roomFor` where it is given. */
export function assembleItems(
  { posterior, prepared, prior, support, shrinkage, scale, content }: EmbeddingParts,
  { channelWeight, ...lifts }: Omit<ItemSettings, "priorStrength">,
  roomFor?: MatrixRoom,
): EmbeddedItems {
  const channel = content && channelWeight > 0 ? { axes: content.axes, length: channelWeight * scale } : undefined;
  const lift = liftOf(lifts, shrinkage);
  const { als, dimensionPrecision } = prepared;
  const factors = { rows: posterior.factors, exponent: lift.factors };
  const beside = content && channel && [{ rows: content.unit, scale: channel.length, exponent: lift.content }];
  return {
    vectors: liftedSideBySide([factors, ...(beside ?? [])], support, roomFor),
    rank: prior.columns,
    support,
    source: posterior.source,
    uncertainty: posterior.uncertainty,
    prior,
    behaviour: posterior.behaviour,
    lift,
    itemSolve: { userFactors: als.userFactors, gram: als.gram, dimensionPrecision },
    channel,
  };
}
