/** Which blocks may be made narrower without a fit: those that are nested, and not turned by a whitening. */
import { type BlockExtensions, blockKindsWith } from "../../features/block-kinds.ts";
import { chosenBlocks, type ParsedFeatures } from "../../features/feature-options.ts";

/** The blocks of the pipeline whose dimension may be searched, by name. */
export function nestedBlocks(features: ParsedFeatures, kinds: BlockExtensions): string[] {
  return chosenBlocks(features, blockKindsWith(kinds)).flatMap(({ kind, options }) =>
    kind.isNested === true && (options.whitening ?? 0) === 0 ? [kind.name] : [],
  );
}
