/**
 * Everything about features that is learnt from training items: vocabularies, levels, projections. Applied to any catalog, so that
 * a new item takes the same columns as the items it was fitted on.
 */
import type { BlockValues } from "../data/block-values.ts";
import type { Catalog } from "../data/catalog.ts";
import type { FeatureBlock, FeatureMatrix } from "../data/feature-matrix.ts";
import { concatColumns, type Matrix, type SparseMatrix, zeros } from "../math/matrix.ts";
import type { BlockInput, BlockKind, BlockOptions } from "./block-kind.ts";
import type { BlockExtensions } from "./block-kinds.ts";
import { applyProjection, fitProjection, type Projection } from "./blocks/projection.ts";
import { type EncodedCatalog, encodedFor } from "./encode-catalog.ts";
import { type ChosenBlock, chooseBlocks, type FeatureOptionsInput, type ParsedFeatures } from "./feature-options.ts";
import { learntWeights } from "./learnt-weights.ts";

/** One block: what its kind has learnt, and how its columns are cut and whitened. */
export interface FittedBlock {
  readonly kind: BlockKind;
  readonly options: BlockOptions;
  /** Plain data, known to the kind alone. */
  readonly space: unknown;
  /** Cut and whitening; null where all columns stay as the kind gives them. */
  readonly projection: Projection | null;
  /** Weight against the other blocks: the option's, or what was learnt. */
  readonly weight: number;
}

export interface FeatureSpace {
  /** Every kind that the options may name, in column order. */
  readonly kinds: readonly BlockKind[];
  readonly options: ParsedFeatures;
  /** The blocks that the options do not leave out, in column order. */
  readonly blocks: readonly FittedBlock[];
}

/** Where a fit finds kinds of one's own, and what it may weigh blocks by. */
export interface SpaceContext<Own extends BlockKind = BlockKind> extends BlockExtensions<Own> {
  /** Training interactions, users x items; blocks weigh alike without. */
  readonly behaviour?: SparseMatrix;
  /** Blocks of the same options that were weighed before, on fewer interactions: their weights and shares stand. */
  readonly weighed?: readonly FeatureBlock[];
}

/** Fits every block of the options on the items at `trainingRows` alone. */
export async function fitFeatureSpace<Own extends BlockKind = never>(
  catalog: Catalog,
  encoded: EncodedCatalog,
  trainingRows: ArrayLike<number>,
  options: FeatureOptionsInput<NoInfer<Own>>,
  context: SpaceContext<Own> = {},
): Promise<FeatureSpace> {
  return (await fitFeatures(catalog, encoded, trainingRows, options, context)).space;
}

/** A fitted space, and the features of the catalog in it: what `applyFeatureSpace` gives. */
export interface FittedSpace {
  readonly space: FeatureSpace;
  readonly features: FeatureMatrix;
}

/** Fits every block of the options on the items at `trainingRows` alone, and applies it to all items. */
export async function fitFeatures<Own extends BlockKind = never>(
  catalog: Catalog,
  encoded: EncodedCatalog,
  trainingRows: ArrayLike<number>,
  options: FeatureOptionsInput<NoInfer<Own>>,
  context: SpaceContext<Own> = {},
): Promise<FittedSpace> {
  const { kinds, options: parsed, chosen } = chooseBlocks(options, context);
  const { behaviour, weighed = [] } = context;
  const before = ({ name }: BlockKind) => weighed.find((block) => block.kind === name);
  const fitted: BlockFit[] = [];
  for (const block of chosen) {
    const input = { ...inputOf(block.kind, catalog, encoded), behaviour, parts: before(block.kind)?.parts };
    fitted.push(await fitBlock(block, input, trainingRows));
  }
  const blocks = fitted.map(({ block }) => block);
  const filled = blocks.filter((block) => dimensionOf(block) > 0);
  const values = fitted.filter(({ block }) => dimensionOf(block) > 0).map((fit) => fit.values);
  const weighted = filled.map(({ kind, options: { weight } }, b) => ({
    weight: weight === "auto" ? (before(kind)?.weight ?? weight) : weight,
    values: values[b],
  }));
  const weights = await learntWeights(weighted, behaviour, trainingRows);
  const weightOf = (block: UnweightedBlock) => weights[filled.indexOf(block)] ?? 1;
  const space = { kinds, options: parsed, blocks: blocks.map((block) => ({ ...block, weight: weightOf(block) })) };
  return { space, features: joinValues(space, values, catalog.ids.length) };
}

type UnweightedBlock = Omit<FittedBlock, "weight">;

interface BlockFit {
  readonly block: UnweightedBlock;
  /** Of every item. */
  readonly values: BlockValues;
}

async function fitBlock({ kind, options }: ChosenBlock, input: BlockInput, rows: ArrayLike<number>): Promise<BlockFit> {
  const { space, values } =
    (await kind.fitValues?.(input, rows, options)) ?? (await fitThenApply(kind, options, input, rows));
  const { components = null, whitening = 0 } = options;
  const projects = components !== null || whitening > 0;
  const projection = projects ? await fitProjection(values, rows, { components, whitening }) : null;
  const block = { kind, options, space, projection };
  return { block, values: projection === null ? values : await applyProjection(projection, values) };
}

async function fitThenApply(kind: BlockKind, options: BlockOptions, input: BlockInput, rows: ArrayLike<number>) {
  const space = await kind.fit(input, rows, options);
  return { space, values: await kind.apply(space, input) };
}

/** What a kind of block reads of a catalog. */
export function inputOf({ name }: BlockKind, catalog: Catalog, encoded: EncodedCatalog): BlockInput {
  return { catalog, encoded: encodedFor(name, encoded) };
}

/** The fitted blocks that have columns: those of the feature matrix. */
export function filledBlocks({ blocks }: FeatureSpace): readonly FittedBlock[] {
  return blocks.filter((block) => dimensionOf(block) > 0);
}

function dimensionOf({ kind, space, projection }: UnweightedBlock): number {
  return projection?.axes.columns ?? kind.columns(space);
}

/** The blocks side by side, in the order of their kinds; one without columns is left out. */
export function featureBlocks(space: FeatureSpace): FeatureBlock[] {
  let offset = 0;
  return filledBlocks(space).map((block) => {
    const { name } = block.kind;
    const dimension = dimensionOf(block);
    offset += dimension;
    const place = { name, kind: name, offset: offset - dimension, dimension, weight: block.weight };
    const parts = block.kind.parts?.(block.space);
    const reduced = block.kind.isReduced === true ? { isReduced: true } : {};
    return { ...place, ...reduced, ...(parts && { parts }) };
  });
}

/** The digests of the encoders whose vectors the space takes, by encoder name. */
export function encoderDigests({ blocks }: FeatureSpace): Record<string, string> {
  const used = blocks.flatMap(({ kind, space }) => kind.encoderOf?.(space) ?? []);
  return Object.fromEntries(used.map(({ name, digest }) => [name, digest]));
}

/** Features of a catalog in a fitted space. MODEL_INVALID when `encoded` comes from other encoders than the space. */
export async function applyFeatureSpace(
  space: FeatureSpace,
  catalog: Catalog,
  encoded: EncodedCatalog,
): Promise<FeatureMatrix> {
  const parts: BlockValues[] = [];
  for (const block of filledBlocks(space)) parts.push(await valuesOf(block, catalog, encoded));
  return joinValues(space, parts, catalog.ids.length);
}

/** `parts` are the values of the blocks that have columns, in their order. */
function joinValues(space: FeatureSpace, parts: readonly BlockValues[], rows: number): FeatureMatrix {
  const sparse = parts.find((part) => part.sparse !== undefined)?.sparse;
  const dense = {
    values: parts.length === 0 ? zeros(rows, 0) : concatColumns(parts.map(({ vectors }) => vectors)),
    presence: presenceMatrix(rows, parts),
    blocks: featureBlocks(space),
  };
  return withReduction(space, sparse === undefined ? dense : { ...dense, sparse });
}

/** Features with the map that their reduced block was made by, which the space keeps. */
export function withReduction(space: FeatureSpace, features: FeatureMatrix): FeatureMatrix {
  const [reduction] = filledBlocks(space).flatMap(({ kind, space: own }) => kind.reduction?.(own) ?? []);
  return reduction === undefined || features.sparse === undefined ? features : { ...features, reduction };
}

async function valuesOf(
  { kind, space, projection }: UnweightedBlock,
  catalog: Catalog,
  encoded: EncodedCatalog,
): Promise<BlockValues> {
  const values = await kind.apply(space, inputOf(kind, catalog, encoded));
  return projection === null ? values : applyProjection(projection, values);
}

function presenceMatrix(rows: number, parts: readonly BlockValues[]): Matrix {
  const matrix = zeros(rows, parts.length);
  for (const [b, { presence }] of parts.entries()) {
    for (let i = 0; i < rows; i++) matrix.values[i * parts.length + b] = presence[i];
  }
  return matrix;
}
