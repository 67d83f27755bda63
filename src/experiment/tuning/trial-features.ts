/**
 * Features of trials that differ in the columns of a block: fitted once as wide as the widest of them asks for. A block that is
 * nested has in its first columns what a narrower fit would give, so that no trial fits anew.
 */
import type { FeatureBlock, FeatureMatrix } from "../../data/feature-matrix.ts";
import { narrowBlock } from "../../data/narrow-block.ts";
import type { ParsedFeatures } from "../../features/feature-options.ts";
import type { SearchSpace } from "./search-space.ts";

/** Options with the largest dimension that the space or the pipeline asks for; `own` are the blocks as its options give them. */
export function widestFeatures(
  features: ParsedFeatures,
  space: SearchSpace,
  own: readonly FeatureBlock[],
): ParsedFeatures {
  const widened = Object.entries(features).map(([block, options]) => {
    const dimension = space[`features.${block}.dimension`];
    if (options === null || dimension === undefined) return [block, options] as const;
    const asked = (Array.isArray(dimension) ? dimension : [dimension.to]).map(Number);
    const given = own.find(({ kind }) => kind === block)?.dimension ?? 0;
    return [block, { ...options, dimension: Math.max(...asked, given) }] as const;
  });
  return Object.fromEntries(widened);
}

/** What one trial's options ask for of the widest features. */
export function trialFeatures(
  widest: FeatureMatrix,
  options: ParsedFeatures,
  own: readonly FeatureBlock[],
): FeatureMatrix {
  return own.reduce(
    (features, { name, kind, dimension }) => narrowBlock(features, name, numberOf(options[kind]) ?? dimension),
    widest,
  );
}

/** The dimension of a block's options where they name one; undefined for auto, and for a block that has none. */
function numberOf(options: object | null): number | undefined {
  const dimension: unknown = options !== null && "dimension" in options ? options.dimension : undefined;
  return typeof dimension === "number" ? dimension : undefined;
}
