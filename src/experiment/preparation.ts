/** What every protocol and the final fit start from: the ingested data, every text and picture encoded once, and feature spaces. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { PipelineConfig } from "../config.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { requireOutputFolder } from "../data/files/atomic-write.ts";
import { type Ingested, ingest } from "../data/ingest/ingest.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import type { BlockExtensions } from "../features/block-kinds.ts";
import { type EncodedCatalog, encodeCatalog } from "../features/encode-catalog.ts";
import { chooseBlocks } from "../features/feature-options.ts";
import { applyFeatureSpace, type FeatureSpace, fitFeatureSpace } from "../features/feature-space.ts";
import { requireInputFiles } from "./input-files.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import type { Stages } from "./stages.ts";

/** The data, read and encoded once, with the kinds of block that the caller has beside the built-in ones. */
export interface Prepared extends BlockExtensions {
  readonly ingested: Ingested;
  readonly encoded: EncodedCatalog;
}

/** Reads and encodes, once it is known that the output can be written. */
export async function prepare(config: PipelineConfig, context: PipelineContext, stages: Stages): Promise<Prepared> {
  await requireOutputFolder(resolve(config.output));
  const ingested = await stages.time("read", () => ingest(config.data, context));
  const encoded = await stages.time("encode", () => encodeCatalog(ingested.catalog, config.features, context));
  requireInputFiles(chooseBlocks(config.features, context).chosen, ingested.catalog, encoded);
  return { ingested, encoded, blockKinds: context.blockKinds };
}

export interface FittedFeatures {
  readonly space: FeatureSpace;
  readonly features: FeatureMatrix;
  /** The rows that vocabularies, levels and projections were fitted on. */
  readonly fittedOn: readonly number[];
}

/** Features of all items in a space fitted on the items that `train` knows. */
export async function featuresFor(
  { ingested, encoded, blockKinds }: Prepared,
  train: Interactions,
  config: PipelineConfig,
): Promise<FittedFeatures> {
  const support = itemSupport(train);
  const fittedOn = Array.from(support.keys()).filter((item) => support[item] > 0);
  const space = await fitFeatureSpace(ingested.catalog, encoded, fittedOn, config.features, { blockKinds });
  return { space, fittedOn, features: applyFeatureSpace(space, ingested.catalog, encoded) };
}

/** sha256 over the item ids and the interactions: same data, same fingerprint. */
export function fingerprintOf({ catalog, userIds, interactions }: Ingested): string {
  const { indptr, indices, values } = interactions;
  const hash = createHash("sha256").update(JSON.stringify([catalog.ids, userIds]));
  for (const array of [indptr, indices, values])
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest("hex");
}
