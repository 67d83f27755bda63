/**
 * What a feature block carries, in figures: how many items have it, how much of its variance the fitted cut keeps, over how many
 * directions the rest is spread, and which items it calls alike. Means and variances are those of the training items.
 */
import type { Catalog } from "../data/catalog.ts";
import type { FeatureBlock, FeatureMatrix } from "../data/feature-matrix.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { cosineOf } from "../math/cosine.ts";
import { columnMeans, type Matrix, rowOf, zeros } from "../math/matrix.ts";
import type { BlockOrigin } from "./block-kind.ts";
import { keptVariance } from "./blocks/projection.ts";
import type { EncodedCatalog } from "./encode-catalog.ts";
import { type FeatureSpace, filledBlocks, inputOf } from "./feature-space.ts";

/** The origin's share of variance counts a cut by principal components too. */
export interface BlockInspection extends BlockOrigin {
  readonly name: string;
  readonly dimension: number;
  /** Against the other blocks. */
  readonly weight: number;
  /** Share of the items that have the block. */
  readonly coverage: number;
  /** (sum l)^2 / sum l^2 over the variances l along its principal axes: how many directions would do, were they equal. */
  readonly effectiveDimension: number;
  readonly neighbours: readonly Neighbour[];
}

export interface Neighbour {
  readonly row: number;
  /** Cosine of the centred vectors. */
  readonly score: number;
}

export interface InspectionRequest {
  readonly catalog: Catalog;
  readonly encoded: EncodedCatalog;
  readonly space: FeatureSpace;
  readonly features: FeatureMatrix;
  /** Rows that the space was fitted on. */
  readonly fittedOn: readonly number[];
  /** Row whose neighbours are wanted. */
  readonly sample: number;
  readonly neighbours: number;
}

/** One inspection a block, in the order of the matrix. */
export async function inspectBlocks(
  request: InspectionRequest,
  backend: ComputeBackend = defaultBackend(),
): Promise<BlockInspection[]> {
  const inspections: BlockInspection[] = [];
  for (const [b, block] of request.features.blocks.entries())
    inspections.push(await inspectBlock(request, b, block, backend));
  return inspections;
}

async function inspectBlock(
  request: InspectionRequest,
  b: number,
  block: FeatureBlock,
  backend: ComputeBackend,
): Promise<BlockInspection> {
  const { features, fittedOn, sample, neighbours } = request;
  const has = (row: number): boolean => features.presence.values[row * features.blocks.length + b] === 1;
  const rows = features.values.rows;
  const present = Array.from({ length: rows }, (_, row) => row).filter(has);
  const training = fittedOn.filter(has);
  const vectors = centred(features.values, block, training);
  return {
    name: block.name,
    dimension: block.dimension,
    weight: block.weight,
    coverage: rows === 0 ? 0 : present.length / rows,
    ...(await originOf(request, b, training)),
    effectiveDimension: await effectiveDimension(vectors, training, backend),
    neighbours: has(sample) ? nearest(vectors, sample, present, neighbours) : [],
  };
}

/** The origin of the block that stands at place `b` of the features. */
async function originOf(
  { catalog, encoded, space }: InspectionRequest,
  b: number,
  training: readonly number[],
): Promise<BlockOrigin> {
  const { kind, space: fitted, projection } = filledBlocks(space)[b];
  const input = inputOf(kind, catalog, encoded);
  const origin = await kind.origin(fitted, input, training);
  const cuts = projection !== null && projection.axes.columns < projection.axes.rows;
  if (!cuts || training.length === 0) return origin;
  const kept = await keptVariance(projection, (await kind.apply(fitted, input)).vectors, training);
  return { ...origin, explainedVariance: kept * origin.explainedVariance };
}

/** The columns of the block minus their means over `training`; rows x dimension. */
function centred(values: Matrix, { offset, dimension }: FeatureBlock, training: readonly number[]): Matrix {
  const block = zeros(values.rows, dimension);
  for (let row = 0; row < values.rows; row++) {
    block.values.set(rowOf(values, row).subarray(offset, offset + dimension), row * dimension);
  }
  const mean = columnMeans(block, training);
  for (let i = 0; i < block.values.length; i++) block.values[i] -= mean[i % dimension];
  return block;
}

/** trace(C)^2 / |C|_F^2 of the covariance C: the eigenvalues need not be known. */
async function effectiveDimension(
  vectors: Matrix,
  training: readonly number[],
  backend: ComputeBackend,
): Promise<number> {
  const sample = zeros(training.length, vectors.columns);
  for (const [i, row] of training.entries()) sample.values.set(rowOf(vectors, row), i * vectors.columns);
  const { values, columns } = await backend.gram(sample);
  let trace = 0;
  for (let j = 0; j < columns; j++) trace += values[j * columns + j];
  const square = values.reduce((sum, value) => sum + value * value, 0);
  return square === 0 ? 0 : (trace * trace) / square;
}

function nearest(vectors: Matrix, sample: number, present: readonly number[], count: number): Neighbour[] {
  const query = rowOf(vectors, sample);
  const scored = present
    .filter((row) => row !== sample)
    .map((row) => ({ row, score: cosineOf(query, rowOf(vectors, row)) ?? 0 }));
  return scored.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, count);
}
