/** Feature matrices made of named blocks, some rows without some blocks. */
import type { FeatureBlock, FeatureMatrix } from "../../src/data/feature-matrix.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";

interface BlockShape {
  readonly name: string;
  readonly dimension: number;
  readonly weight?: number;
}

/** `values` cut into blocks, left to right; `isPresent(row, block)` says where a block is there: zeros elsewhere. */
export function featureBlocks(
  values: Matrix,
  shapes: readonly BlockShape[],
  isPresent: (row: number, block: number) => boolean = () => true,
): FeatureMatrix {
  const blocks: FeatureBlock[] = [];
  let offset = 0;
  for (const { name, dimension, weight = 1 } of shapes) {
    blocks.push({ name, kind: "attributes", offset, dimension, weight });
    offset += dimension;
  }
  const masked = { ...values, values: values.values.slice() };
  const presence = new Float32Array(values.rows * blocks.length);
  for (let row = 0; row < values.rows; row++) {
    for (const [b, block] of blocks.entries()) {
      if (isPresent(row, b)) presence[row * blocks.length + b] = 1;
      else rowOf(masked, row).fill(0, block.offset, block.offset + block.dimension);
    }
  }
  return { values: masked, presence: { rows: values.rows, columns: blocks.length, values: presence }, blocks };
}
