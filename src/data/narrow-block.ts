/** Features with fewer columns of a block: those of a singular value decomposition stand in order, the leading ones first. */

import { columnRange, concatColumns } from "../math/matrix.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";

/** The first `columns` of the block of that name, where it has more; all other columns as they are. */
export function narrowBlock(features: FeatureMatrix, name: string, columns: number): FeatureMatrix {
  const block = features.blocks.find((candidate) => candidate.name === name);
  if (block === undefined || block.dimension <= columns) return features;
  const { offset, dimension } = block;
  const { values, blocks, reduction } = features;
  const dropped = dimension - columns;
  return {
    ...features,
    values: concatColumns([
      columnRange(values, 0, offset + columns),
      columnRange(values, offset + dimension, values.columns),
    ]),
    blocks: blocks.map((other) => {
      if (other === block) return { ...other, dimension: columns };
      return other.offset > offset ? { ...other, offset: other.offset - dropped } : other;
    }),
    ...(block.isReduced && reduction && { reduction: columnRange(reduction, 0, columns) }),
  };
}
