/**
 * Content vectors of a catalog: blocks side by side (text, lexical, image, attributes), each with a presence bit.
 * A missing block is zeros, never an error. `standardise` is the one map from features to regression inputs. One block may be
 * the reduction of sparse rows, which stand beside it whole: a method that works by inner products reads those.
 */
import { type Matrix, rowOf, type SparseMatrix, takeRows, takeSparseRows, zeros } from "../math/matrix.ts";

export interface FeatureBlock {
  readonly name: string;
  /** Name of the kind of block. */
  readonly kind: string;
  /** First column of the block. */
  readonly offset: number;
  readonly dimension: number;
  /** Relative weight of the block once standardised; 1 unless the pipeline says otherwise. */
  readonly weight: number;
  /** Whether its columns are a reduction of the sparse rows of the features. */
  readonly isReduced?: boolean;
  /** What it is made of, and the part of each in the likeness of two items; the parts sum to 1. Absent where it is one thing. */
  readonly parts?: readonly BlockPart[];
}

export interface BlockPart {
  readonly name: string;
  readonly share: number;
  /** Its columns among the sparse rows, where the block is their reduction: those of the parts stand side by side. */
  readonly terms?: number;
}

/**
 * What the likeness of two items rests on: the square of every block's weight, or of its parts the same times their share, over
 * the sum of all squares. In the order of the blocks.
 */
export function likenessParts(blocks: readonly FeatureBlock[]): BlockPart[] {
  const total = blocks.reduce((sum, { weight }) => sum + weight ** 2, 0);
  return blocks.flatMap(({ name, weight, parts }) => {
    const share = total > 0 ? weight ** 2 / total : 0;
    return parts === undefined ? [{ name, share }] : parts.map((part) => ({ ...part, share: share * part.share }));
  });
}

export interface FeatureMatrix {
  /** n x d; zeros where the block is missing. */
  readonly values: Matrix;
  /** n x blocks; 1 where the item has the block, else 0. */
  readonly presence: Matrix;
  readonly blocks: readonly FeatureBlock[];
  /** n x terms: what the block that `isReduced` is a reduction of; absent where no block is. */
  readonly sparse?: SparseMatrix;
  /** terms x the block's columns: what the sparse rows are multiplied with, where they are there. */
  readonly reduction?: Matrix;
  /** Reads row i of the values, where these lie on the disk. */
  readonly row?: (i: number) => Float32Array;
}

/** Whether anything is known of the items beside what people did. */
export function hasContent({ values }: Pick<FeatureMatrix, "values">): boolean {
  return values.columns > 0;
}

/** The values of item i, without a look at the others. */
export function featureRow(features: FeatureMatrix, i: number): Float32Array {
  return features.row === undefined ? rowOf(features.values, i) : features.row(i);
}

/** The features of the given items, in the given order. */
export function takeItems(features: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  const { values, presence, sparse, row: _, ...shared } = features;
  const dense = { ...shared, values: takeRows(values, rows), presence: takeRows(presence, rows) };
  return sparse === undefined ? dense : { ...dense, sparse: takeSparseRows(sparse, rows) };
}

/** Per-column mean and scale, fitted on warm training items that have the block. */
export interface Standardisation {
  readonly blocks: readonly FeatureBlock[];
  /** d. */
  readonly mean: Float32Array;
  /** d; one value a block: the block's weight over its root mean square row norm, so that the geometry inside a block is kept. */
  readonly scale: Float32Array;
}

/** Fits mean and scale on the given rows. */
export function fitStandardisation(features: FeatureMatrix, rows: ArrayLike<number>): Standardisation {
  const { values, blocks } = features;
  const mean = new Float32Array(values.columns);
  const scale = new Float32Array(values.columns);
  for (const [b, block] of blocks.entries()) {
    const present = Array.from(rows).filter((row) => features.presence.values[row * blocks.length + b] > 0);
    const blockMean = meanOf(values, present, block);
    mean.set(blockMean, block.offset);
    const meanSquare = meanSquareNorm(values, present, block, blockMean);
    scale.fill(meanSquare > 0 ? block.weight / Math.sqrt(meanSquare) : 0, block.offset, block.offset + block.dimension);
  }
  return { blocks, mean, scale };
}

/** Centred, scaled, masked features followed by the presence bits: n x (d + blocks). Those of some items, where `rows` names them. */
export function standardise(
  features: FeatureMatrix,
  standardisation: Standardisation,
  rows: ArrayLike<number> = everyRow(features),
): Matrix {
  const { values, presence, blocks } = features;
  const result = standardised(features, standardisation, rows, values.columns + blocks.length);
  for (let i = 0; i < rows.length; i++) {
    for (let b = 0; b < blocks.length; b++) {
      result.values[i * result.columns + values.columns + b] = presence.values[rows[i] * blocks.length + b];
    }
  }
  return result;
}

/** The same of all items without the presence bits: n x d. */
export function standardiseValues(features: FeatureMatrix, standardisation: Standardisation): Matrix {
  return standardised(features, standardisation, everyRow(features), features.values.columns);
}

function everyRow({ values }: FeatureMatrix): Uint32Array {
  return Uint32Array.from({ length: values.rows }, (_, i) => i);
}

/** n x width: the features of the rows, and zeros in the columns beyond them. */
function standardised(
  { values, presence, blocks }: FeatureMatrix,
  { mean, scale }: Standardisation,
  rows: ArrayLike<number>,
  width: number,
): Matrix {
  const result = zeros(rows.length, width);
  const [to, from] = [result.values, values.values];
  for (const [b, { offset, dimension }] of blocks.entries()) {
    for (let i = 0; i < rows.length; i++) {
      if (presence.values[rows[i] * blocks.length + b] === 0) continue;
      const [row, source] = [i * width, rows[i] * values.columns];
      for (let j = offset; j < offset + dimension; j++) to[row + j] = (from[source + j] - mean[j]) * scale[j];
    }
  }
  return result;
}

function meanOf(values: Matrix, rows: readonly number[], block: FeatureBlock): Float64Array {
  const mean = new Float64Array(block.dimension);
  for (const row of rows) {
    const start = row * values.columns + block.offset;
    for (let j = 0; j < block.dimension; j++) mean[j] += values.values[start + j] / rows.length;
  }
  return mean;
}

function meanSquareNorm(values: Matrix, rows: readonly number[], block: FeatureBlock, mean: Float64Array): number {
  let sum = 0;
  for (const row of rows) {
    const start = row * values.columns + block.offset;
    for (let j = 0; j < block.dimension; j++) sum += (values.values[start + j] - mean[j]) ** 2;
  }
  return rows.length === 0 ? 0 : sum / rows.length;
}
