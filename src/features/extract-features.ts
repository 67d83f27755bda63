/** The feature stage in one call: encode a catalog, fit the feature space on its training rows, apply it to all rows. */
import type { Catalog } from "../data/catalog.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { BlockKind } from "./block-kind.ts";
import type { BlockExtensions } from "./block-kinds.ts";
import { type EncodingContext, encodeCatalog, type Quarantined } from "./encode-catalog.ts";
import type { FeatureOptionsInput } from "./feature-options.ts";
import { encoderDigests, type FeatureSpace, fitFeatures } from "./feature-space.ts";

export interface FeatureContext<Own extends BlockKind = BlockKind> extends EncodingContext, BlockExtensions<Own> {
  /** Rows whose items may be learnt from; all when absent. */
  readonly trainingRows?: ArrayLike<number>;
}

export interface ExtractedFeatures {
  readonly features: FeatureMatrix;
  readonly space: FeatureSpace;
  /** Inputs that could not be used; those blocks are missing. */
  readonly quarantine: readonly Quarantined[];
  /** sha256 of every encoder's weights and preparation, by name. */
  readonly encoderDigests: Readonly<Record<string, string>>;
}

/** Features of every item: n x d with presence bits. `context.blockKinds` adds kinds of block of your own. Errors: those of `encodeCatalog`. */
export async function extractFeatures<Own extends BlockKind = never>(
  catalog: Catalog,
  options: FeatureOptionsInput<NoInfer<Own>> = {},
  context: FeatureContext<Own> = {},
): Promise<ExtractedFeatures> {
  const encoded = await encodeCatalog(catalog, options, context);
  context.onProgress?.({ stage: "fit features", done: 0, total: 1 });
  const rows = context.trainingRows ?? [...catalog.ids.keys()];
  const { space, features } = await fitFeatures(catalog, encoded, rows, options, context);
  context.onProgress?.({ stage: "fit features", done: 1, total: 1 });
  return {
    features,
    space,
    quarantine: encoded.quarantine,
    encoderDigests: encoderDigests(space),
  };
}
