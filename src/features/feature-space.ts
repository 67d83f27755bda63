/**
 * Everything about features that is learnt from training items: vocabularies, levels, projections. Plain data; applied to any
 * catalog, so that a new item takes the same columns as the items it was fitted on.
 */

import type { BlockValues } from "../data/block-values.ts";
import type { Catalog } from "../data/catalog.ts";
import type { FeatureBlock, FeatureMatrix } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import { concatColumns, type Matrix, zeros } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { type AttributeSpace, applyAttributes, attributeDimension, fitAttributes } from "./blocks/attributes.ts";
import { applyLexical, fitLexical, type LexicalSpace } from "./blocks/lexical.ts";
import { applyProjection, fitProjection, type Projection, type ProjectionOptions } from "./blocks/projection.ts";
import { type EncodedBlock, type EncodedCatalog, itemText } from "./encode-catalog.ts";
import { type FeatureOptions, type FeatureOptionsInput, featureOptionsSchema } from "./feature-options.ts";

/** A transformer or image block: whose vectors they are, and what is kept of them. */
export interface EncoderSpace {
  readonly encoder: string;
  /** Of weights and preparation; vectors of another digest do not fit. */
  readonly digest: string;
  readonly dimension: number;
  readonly projection: Projection | null;
}

export interface FeatureSpace {
  readonly options: FeatureOptions;
  readonly text: EncoderSpace | null;
  readonly lexical: LexicalSpace | null;
  readonly image: EncoderSpace | null;
  readonly attributes: readonly AttributeSpace[] | null;
  /** Of the lexical and the attribute block, when they are whitened. */
  readonly whitening: { readonly lexical: Projection | null; readonly attributes: Projection | null };
}

/** Fits every block of the options on the items at `trainingRows` alone. */
export async function fitFeatureSpace(
  catalog: Catalog,
  encoded: EncodedCatalog,
  trainingRows: ArrayLike<number>,
  options: FeatureOptionsInput,
): Promise<FeatureSpace> {
  const parsed = parseOptions(featureOptionsSchema, options, "features");
  const { text, lexical, image, attributes } = parsed;
  const words = lexical && (await fitLexical(textsOf(catalog), trainingRows, lexical));
  const columns = attributes && fitAttributes(catalog, trainingRows, attributes);
  return {
    options: parsed,
    text: text && (await fitEncoded("text", encoded.text, trainingRows, text)),
    lexical: words,
    image: image && (await fitEncoded("image", encoded.image, trainingRows, image)),
    attributes: columns,
    whitening: {
      lexical: words && (await fitWhitening(lexical, () => applyLexical(words, textsOf(catalog)), trainingRows)),
      attributes: columns && (await fitWhitening(attributes, () => applyAttributes(columns, catalog), trainingRows)),
    },
  };
}

async function fitWhitening(
  options: { readonly whitening: number } | null,
  block: () => BlockValues,
  rows: ArrayLike<number>,
): Promise<Projection | null> {
  if (options === null || options.whitening === 0) return null;
  return fitProjection(block(), rows, { components: null, whitening: options.whitening });
}

/** The blocks side by side, in the order text, lexical, image, attributes; one without columns is left out. */
export function featureBlocks(space: FeatureSpace): FeatureBlock[] {
  const { options, text, lexical, image, attributes, whitening } = space;
  const candidates = [
    { kind: "text", dimension: encodedDimension(text), weight: options.text?.weight },
    {
      kind: "lexical",
      dimension: whitening.lexical?.axes.columns ?? lexical?.projection.columns ?? 0,
      weight: options.lexical?.weight,
    },
    { kind: "image", dimension: encodedDimension(image), weight: options.image?.weight },
    {
      kind: "attributes",
      dimension: whitening.attributes?.axes.columns ?? attributeDimension(attributes ?? []),
      weight: options.attributes?.weight,
    },
  ] as const;
  let offset = 0;
  return candidates
    .filter(({ dimension }) => dimension > 0)
    .map(({ kind, dimension, weight }) => {
      offset += dimension;
      return { name: kind, kind, offset: offset - dimension, dimension, weight: weight ?? 1 };
    });
}

/** The digests of the encoders whose vectors the space takes, by encoder name. */
export function encoderDigests({ text, image }: FeatureSpace): Record<string, string> {
  const used = [text, image].filter((space) => space !== null);
  return Object.fromEntries(used.map(({ encoder, digest }) => [encoder, digest]));
}

/** Features of a catalog in a fitted space. MODEL_INVALID when `encoded` comes from other encoders than the space. */
export function applyFeatureSpace(space: FeatureSpace, catalog: Catalog, encoded: EncodedCatalog): FeatureMatrix {
  const rows = catalog.ids.length;
  const blocks = featureBlocks(space);
  const values = {
    text: () => applyEncoded("text", space.text, encoded.text),
    lexical: () => space.lexical && whitened(applyLexical(space.lexical, textsOf(catalog)), space.whitening.lexical),
    image: () => applyEncoded("image", space.image, encoded.image),
    attributes: () =>
      space.attributes && whitened(applyAttributes(space.attributes, catalog), space.whitening.attributes),
  };
  const parts = blocks.map(({ kind, dimension }) => values[kind]() ?? missingBlock(rows, dimension));
  return {
    values: parts.length === 0 ? zeros(rows, 0) : concatColumns(parts.map(({ vectors }) => vectors)),
    presence: presenceMatrix(rows, parts),
    blocks,
  };
}

function whitened(block: BlockValues, projection: Projection | null): BlockValues {
  return projection === null ? block : applyProjection(projection, block);
}

/** What the lexical block reads of every item. */
export function textsOf(catalog: Catalog): string[] {
  return catalog.ids.map((_, row) => itemText(catalog, row));
}

async function fitEncoded(
  block: "text" | "image",
  encoded: EncodedBlock | null,
  rows: ArrayLike<number>,
  options: ProjectionOptions,
): Promise<EncoderSpace> {
  const { encoder, digest, vectors, presence } = required(block, encoded);
  const projection = await fitProjection({ vectors, presence }, rows, options);
  return { encoder, digest, dimension: vectors.columns, projection };
}

function encodedDimension(space: EncoderSpace | null): number {
  return space === null ? 0 : (space.projection?.axes.columns ?? space.dimension);
}

function applyEncoded(
  block: "text" | "image",
  space: EncoderSpace | null,
  encoded: EncodedBlock | null,
): BlockValues | null {
  if (space === null) return null;
  const received = required(block, encoded);
  if (received.digest !== space.digest) {
    throw new TailrecError(
      "MODEL_INVALID",
      `the ${block} block was fitted on vectors of "${space.encoder}" (digest ${space.digest}), received those of "${received.encoder}" (digest ${received.digest}); use the same encoder, or fit again`,
    );
  }
  return space.projection === null ? received : applyProjection(space.projection, received);
}

function required(block: "text" | "image", encoded: EncodedBlock | null): EncodedBlock {
  if (encoded !== null) return encoded;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `expected an encoded catalog with a ${block} block, received one without; encode it by the same options`,
  );
}

function missingBlock(rows: number, dimension: number): BlockValues {
  return { vectors: zeros(rows, dimension), presence: new Uint8Array(rows) };
}

function presenceMatrix(rows: number, parts: readonly BlockValues[]): Matrix {
  const matrix = zeros(rows, parts.length);
  for (const [b, { presence }] of parts.entries()) {
    for (let i = 0; i < rows; i++) matrix.values[i * parts.length + b] = presence[i];
  }
  return matrix;
}
