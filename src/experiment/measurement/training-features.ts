/** Features of all items as one training side sees them: vocabularies, levels and projections are fitted on the items that it knows. */
import type { FeatureBlock, FeatureMatrix } from "../../data/feature-matrix.ts";
import type { Ingested } from "../../data/ingest/ingest.ts";
import { type Interactions, itemSupport } from "../../data/interactions.ts";
import type { BlockExtensions } from "../../features/block-kinds.ts";
import type { EncodedCatalog } from "../../features/encode-catalog.ts";
import type { ParsedFeatures } from "../../features/feature-options.ts";
import { type FeatureSpace, fitFeatures } from "../../features/feature-space.ts";

/**
 * What every protocol and the final fit start from: the data read, and every text and picture encoded once. With the kinds of
 * block that the caller has beside the built-in ones.
 */
export interface Prepared extends BlockExtensions {
  readonly ingested: Ingested;
  readonly encoded: EncodedCatalog;
}

export interface FittedFeatures {
  readonly space: FeatureSpace;
  readonly features: FeatureMatrix;
  /** The rows that vocabularies, levels and projections were fitted on. */
  readonly fittedOn: readonly number[];
}

/** Features of all items in a space fitted on the items that `train` knows, their blocks as they were `weighed` where they were. */
export async function featuresFor(
  prepared: Prepared,
  train: Interactions,
  options: ParsedFeatures,
  weighed?: readonly FeatureBlock[],
): Promise<FittedFeatures> {
  const fittedOn = knownItems(train);
  const { ingested, encoded, blockKinds = [] } = prepared;
  const isOfAll = fittedOn.length === knownItems(ingested.interactions).length;
  const isWhole = weighed !== undefined && isOfAll && blockKinds.length === 0;
  const known = isWhole ? ofAllItems.get(prepared) : undefined;
  if (known?.options === options && known.weighed === weighed) return known.fitted;
  const context = { blockKinds, behaviour: train, weighed };
  const fitted = { ...(await fitFeatures(ingested.catalog, encoded, fittedOn, options, context)), fittedOn };
  if (isWhole) ofAllItems.set(prepared, { options, weighed, fitted });
  return fitted;
}

/**
 * Once blocks are weighed, features depend on the items alone, but for a caller's own kinds. Those of all that anybody took are what
 * the last fit has, so they are kept for it.
 */
const ofAllItems = new WeakMap<Prepared, KeptFeatures>();

interface KeptFeatures {
  readonly options: ParsedFeatures;
  readonly weighed: readonly FeatureBlock[];
  readonly fitted: FittedFeatures;
}

/** Rows of the items with an interaction in `train`, ascending. */
export function knownItems(train: Interactions): number[] {
  const support = itemSupport(train);
  return Array.from(support.keys()).filter((item) => support[item] > 0);
}
