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
  { ingested: { catalog }, encoded, blockKinds }: Prepared,
  train: Interactions,
  options: ParsedFeatures,
  weighed?: readonly FeatureBlock[],
): Promise<FittedFeatures> {
  const fittedOn = knownItems(train);
  const fitted = await fitFeatures(catalog, encoded, fittedOn, options, { blockKinds, behaviour: train, weighed });
  return { ...fitted, fittedOn };
}

/** Rows of the items with an interaction in `train`, ascending. */
export function knownItems(train: Interactions): number[] {
  const support = itemSupport(train);
  return Array.from(support.keys()).filter((item) => support[item] > 0);
}
