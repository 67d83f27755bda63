/**
 * What a feature block carries, in figures: how many items have it, how much of its variance the fitted cut keeps, over how many
 * directions the rest is spread, and which items it calls alike. Means and variances are those of the training items.
 */
import type { Catalog } from "../data/catalog.ts";
import type { FeatureBlock, FeatureMatrix } from "../data/feature-matrix.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { cosineOf } from "../math/cosine.ts";
import { columnMeans, type Matrix, rowOf, zeros } from "../math/matrix.ts";
import { attributeDimension } from "./blocks/attributes.ts";
import { lexicalEnergy } from "./blocks/lexical.ts";
import { keptVariance, type Projection } from "./blocks/projection.ts";
import type { EncodedCatalog } from "./encode-catalog.ts";
import { type FeatureSpace, textsOf } from "./feature-space.ts";

export interface BlockInspection {
  readonly name: string;
  /** What it comes from: an encoder, or how many terms or attributes. */
  readonly source: string;
  readonly dimension: number;
  /** Columns before any projection. */
  readonly sourceDimension: number;
  /** Share of the items that have the block. */
  readonly coverage: number;
  /** Share of the variance before the projection that the block keeps; 1 where nothing is cut. */
  readonly explainedVariance: number;
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
    coverage: rows === 0 ? 0 : present.length / rows,
    ...originOf(request, block, training),
    effectiveDimension: await effectiveDimension(vectors, training, backend),
    neighbours: has(sample) ? nearest(vectors, sample, present, neighbours) : [],
  };
}

type Origin = Pick<BlockInspection, "source" | "sourceDimension" | "explainedVariance">;

function originOf(
  { catalog, encoded, space }: InspectionRequest,
  { kind }: FeatureBlock,
  training: readonly number[],
): Origin {
  if (kind === "text" || kind === "image") {
    const block = encoded[kind];
    const fitted = space[kind];
    if (block === null || fitted === null) return { source: kind, sourceDimension: 0, explainedVariance: 1 };
    const kept = keptShare(fitted.projection, block.vectors, training);
    return { source: fitted.encoder, sourceDimension: fitted.dimension, explainedVariance: kept };
  }
  if (kind === "lexical" && space.lexical !== null) {
    const { terms } = space.lexical;
    const texts = textsOf(catalog);
    const energy = lexicalEnergy(
      space.lexical,
      training.map((row) => texts[row]),
    );
    return { source: `${terms.length} terms`, sourceDimension: terms.length, explainedVariance: energy };
  }
  const attributes = space.attributes ?? [];
  const sourceDimension = attributeDimension(attributes);
  return { source: attributes.map(({ name }) => name).join(", "), sourceDimension, explainedVariance: 1 };
}

function keptShare(projection: Projection | null, vectors: Matrix, training: readonly number[]): number {
  return projection === null || training.length === 0 ? 1 : keptVariance(projection, vectors, training);
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
