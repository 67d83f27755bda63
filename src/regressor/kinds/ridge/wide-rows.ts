/**
 * The rows that a ridge on sparse features sees: standardised columns, and beside them the sparse rows of the block that is reduced,
 * whose own columns are left out. Their weighted mean m is taken away, and each is multiplied by the root of its weight.
 * The mean has an entry for every term, so that centred rows are never written out: (R - 1m')(R - 1m')' = RR' - Rm1' - 1m'R' + m'm 11'.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { sharedMatrix, sharedZeros } from "../../../math/compute/shared-memory.ts";
import { sparseMap, transpose } from "../../../math/linear-map.ts";
import { type Matrix, type SparseMatrix, zeros } from "../../../math/matrix.ts";
import { createMatrixRoom as room } from "../../../math/matrix-room.ts";
import { scaleRows } from "../../../math/row-norms.ts";
import { sparseBuilder } from "../../../math/sparse-builder.ts";
import { type TrainingSet, weightedMean } from "../../training-set.ts";

/** X: items x (d + blocks + terms). */
export interface WideRows {
  /** Weighted mean of every column: those of x, zeros for those left out, then the terms. */
  readonly mean: Float64Array;
  /** X X'V, which stands until it is asked again. */
  gramTimes(v: Matrix): Promise<Matrix>;
  /** X'V, for the columns of x, zeros for those left out, and for the terms. */
  transposedTimes(v: Matrix): Promise<{ readonly columns: Matrix; readonly terms: Matrix }>;
}

/** The block that is reduced, where the features have one that weighs something. */
export function reducedBlock(blocks: readonly FeatureBlock[]): FeatureBlock | undefined {
  return blocks.find(({ isReduced, weight }) => isReduced === true && weight > 0);
}

export function wideRows(
  { x: whole, weights, sparse = sparseBuilder(whole.rows).build(0) }: TrainingSet,
  block: FeatureBlock,
  backend: ComputeBackend,
): WideRows {
  // Every step of a solve multiplies with both: memory that is not shared would be copied every time.
  const x = sharedMatrix(withoutColumns(whole, block));
  const terms = sparseMap({ ...sparse, values: sparse.values.map((value) => block.weight * value) }, backend);
  const turned = transpose(x, sharedZeros(x.columns, x.rows));
  const [meanX, meanTerms] = [weightedMean(x, weights), sparseMean(sparse, weights).map((mean) => block.weight * mean)];
  const roots = weights.map(Math.sqrt);
  const acrossMean = alongMean(x, sparse, meanX, meanTerms, block.weight);
  const square = squareOf(meanX) + squareOf(meanTerms);
  const rooms = stepRooms();
  return {
    mean: Float64Array.from([
      ...meanX.subarray(0, block.offset),
      ...new Float64Array(block.dimension),
      ...meanX.subarray(block.offset),
      ...meanTerms,
    ]),
    gramTimes: async (v) => {
      const { rows: n, columns: k } = v;
      const { scaled, sums, along } = scaledWithSums(v, roots, acrossMean, rooms.scaled(n, k));
      const across = transpose(scaled, rooms.turned(k, n));
      const ofColumns = await backend.multiplyTransposed(turned, across, rooms.columns(x.columns, k));
      const back = transpose(ofColumns, rooms.turnedColumns(k, x.columns));
      const product = await backend.multiplyTransposed(x, back, rooms.product(n, k));
      const ofTerms = await terms.times(
        await terms.transposedTimes(scaled, rooms.terms(terms.columns, k)),
        rooms.ofTerms(n, k),
      );
      finishRows(product, ofTerms, roots, { across: acrossMean, sums, along, square });
      return product;
    },
    transposedTimes: async (v) => {
      const scaled = scaleRows(v, roots);
      const sums = sumsOf(scaled);
      const columns = await backend.multiplyTransposed(turned, transpose(scaled));
      const ofTerms = await terms.transposedTimes(scaled);
      takeOuter(columns, meanX, sums);
      takeOuter(ofTerms, meanTerms, sums);
      return { columns: withRows(columns, block), terms: ofTerms };
    },
  };
}

interface Offsets {
  readonly across: Float64Array;
  readonly sums: Float64Array;
  readonly along: Float64Array;
  readonly square: number;
}

/** Adds the product with the terms, takes away what the means of rows and columns make of it, and multiplies by the roots. In place. */
function finishRows(
  { columns: k, values: to }: Matrix,
  { values: ofTerms }: Matrix,
  roots: Float64Array,
  { across, sums, along, square }: Offsets,
): void {
  const whole = roots.length - (roots.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const [p, q, r, s] = [i * k, (i + 1) * k, (i + 2) * k, (i + 3) * k];
    const [rootP, rootQ, rootR, rootS] = [roots[i], roots[i + 1], roots[i + 2], roots[i + 3]];
    const [ownP, ownQ, ownR, ownS] = [across[i], across[i + 1], across[i + 2], across[i + 3]];
    for (let d = 0; d < k; d++) {
      const sum = sums[d];
      const lean = along[d];
      const shared = square * sum;
      to[p + d] = rootP * (to[p + d] + ofTerms[p + d] - (ownP * sum + lean - shared));
      to[q + d] = rootQ * (to[q + d] + ofTerms[q + d] - (ownQ * sum + lean - shared));
      to[r + d] = rootR * (to[r + d] + ofTerms[r + d] - (ownR * sum + lean - shared));
      to[s + d] = rootS * (to[s + d] + ofTerms[s + d] - (ownS * sum + lean - shared));
    }
  }
  for (let i = whole; i < roots.length; i++) {
    const [start, root, own] = [i * k, roots[i], across[i]];
    for (let d = 0; d < k; d++) {
      const offset = own * sums[d] + along[d] - square * sums[d];
      to[start + d] = root * (to[start + d] + ofTerms[start + d] - offset);
    }
  }
}

/** x without the columns of a block. */
function withoutColumns({ rows, columns, values }: Matrix, { offset, dimension }: FeatureBlock): Matrix {
  const kept = zeros(rows, columns - dimension);
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    kept.values.set(values.subarray(start, start + offset), i * kept.columns);
    kept.values.set(values.subarray(start + offset + dimension, start + columns), i * kept.columns + offset);
  }
  return kept;
}

/** Rows of zeros for the columns of a block, among rows for the others. */
function withRows({ rows, columns, values }: Matrix, { offset, dimension }: FeatureBlock): Matrix {
  const wide = zeros(rows + dimension, columns);
  wide.values.set(values.subarray(0, offset * columns));
  wide.values.set(values.subarray(offset * columns), (offset + dimension) * columns);
  return wide;
}

/** Memory that every step of a solve writes anew. */
function stepRooms() {
  const [scaled, turned, columns, turnedColumns] = [room(), room(), room(), room()];
  const [product, terms, ofTerms] = [room(), room(), room()];
  return { scaled, turned, columns, turnedColumns, product, terms, ofTerms };
}

/** (x, w s)'m for every item. */
function alongMean(
  x: Matrix,
  { indptr, indices, values }: SparseMatrix,
  meanX: Float64Array,
  meanTerms: Float64Array,
  weight: number,
): Float64Array {
  return Float64Array.from({ length: x.rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < x.columns; j++) sum += meanX[j] * x.values[i * x.columns + j];
    for (let p = indptr[i]; p < indptr[i + 1]; p++) sum += meanTerms[indices[p]] * weight * values[p];
    return sum;
  });
}

/** Sums of the rows: k. */
function sumsOf({ columns: k, values }: Matrix): Float64Array {
  const sums = new Float64Array(k);
  for (let start = 0; start < values.length; start += k) {
    for (let d = 0; d < k; d++) sums[d] += values[start + d];
  }
  return sums;
}

/** Every row times its root, the sums of those rows, and their sums each times its weight: one pass over memory. */
function scaledWithSums(v: Matrix, roots: Float64Array, weights: Float64Array, scaled: Matrix) {
  const { columns: k, values: from } = v;
  const { values: to } = scaled;
  const [sums, along] = [new Float64Array(k), new Float64Array(k)];
  const whole = v.rows - (v.rows % 4);
  for (let i = 0; i < whole; i += 4) {
    const [p, q, r, s] = [i * k, (i + 1) * k, (i + 2) * k, (i + 3) * k];
    const [rootP, rootQ, rootR, rootS] = [roots[i], roots[i + 1], roots[i + 2], roots[i + 3]];
    const [ofP, ofQ, ofR, ofS] = [weights[i], weights[i + 1], weights[i + 2], weights[i + 3]];
    for (let d = 0; d < k; d++) {
      const w = Math.fround(rootP * from[p + d]);
      const x = Math.fround(rootQ * from[q + d]);
      const y = Math.fround(rootR * from[r + d]);
      const z = Math.fround(rootS * from[s + d]);
      to[p + d] = w;
      to[q + d] = x;
      to[r + d] = y;
      to[s + d] = z;
      sums[d] = sums[d] + w + x + y + z;
      along[d] = along[d] + ofP * w + ofQ * x + ofR * y + ofS * z;
    }
  }
  for (let i = whole; i < v.rows; i++) {
    const [start, root, weight] = [i * k, roots[i], weights[i]];
    for (let d = 0; d < k; d++) {
      const value = Math.fround(root * from[start + d]);
      to[start + d] = value;
      sums[d] += value;
      along[d] += weight * value;
    }
  }
  return { scaled, sums, along };
}

/** Takes m s' away, in place. */
function takeOuter({ columns: k, values }: Matrix, mean: Float64Array, sums: Float64Array): void {
  for (let j = 0; j < mean.length; j++) {
    if (mean[j] !== 0) for (let d = 0; d < k; d++) values[j * k + d] -= mean[j] * sums[d];
  }
}

function squareOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function sparseMean({ columns, indptr, indices, values }: SparseMatrix, weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(columns);
  for (let i = 0; i < weights.length; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) mean[indices[p]] += (weights[i] * values[p]) / total;
  }
  return mean;
}
