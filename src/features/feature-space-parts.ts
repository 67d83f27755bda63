/**
 * A feature space as JSON and tensors, the form in which a bundle stores it, and back. A kind's JSON stands under its name, its
 * tensors under its name and a dot. A projection stands with the block where an encoder made the vectors, else under "whitening".
 */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import type { Matrix } from "../math/matrix.ts";
import { describeMismatch } from "../options.ts";
import type { BlockKind, BlockParts, BlockStorage } from "./block-kind.ts";
import { type BlockExtensions, blockKindsWith } from "./block-kinds.ts";
import type { Projection } from "./blocks/projection.ts";
import { type ChosenBlock, chosenBlocks, featureOptionsSchemaWith } from "./feature-options.ts";
import type { FeatureSpace, FittedBlock } from "./feature-space.ts";

export interface FeatureSpaceParts {
  /** Survives JSON.stringify and JSON.parse. */
  readonly json: unknown;
  readonly tensors: Readonly<Record<string, Matrix>>;
}

type Tensors = FeatureSpaceParts["tensors"];

const isEncoded = ({ encode }: BlockKind): boolean => encode !== undefined;

/** Schema of a kind's document, with the mark of a projection where an encoder made the vectors. */
const projectedSchema = z.looseObject({ projected: z.boolean() });
const unmarkedSchema = z.looseObject({});

export function featureSpaceToParts({ kinds, options, blocks }: FeatureSpace): FeatureSpaceParts {
  const saved = blocks.map((block) => ({ block, parts: storageOf(block.kind).save(block.space) }));
  const absent = kinds.map(({ name }) => [name, null] as const);
  const present = saved.map(({ block, parts }) => [block.kind.name, documentOf(block, parts)] as const);
  const whitened = kinds
    .filter((kind) => !isEncoded(kind))
    .map(({ name }) => [name, isProjected(name, blocks)] as const);
  const tensors = saved.flatMap(({ block, parts }) => [
    ...Object.entries(parts.tensors).map(([name, tensor]) => [`${block.kind.name}.${name}`, tensor] as const),
    ...projectionTensors(block),
  ]);
  const documents = Object.fromEntries<unknown>([...absent, ...present]);
  return {
    json: {
      ...documents,
      options,
      whitened: Object.fromEntries(whitened),
      weights: Object.fromEntries(blocks.map(({ kind, weight }) => [kind.name, weight])),
    },
    tensors: Object.fromEntries(tensors),
  };
}

/** BUNDLE_CORRUPT when the parts are not those of a feature space. */
export function featureSpaceFromParts({ json, tensors }: FeatureSpaceParts, own: BlockExtensions = {}): FeatureSpace {
  const kinds = blockKindsWith(own);
  const schema = z.strictObject({
    options: featureOptionsSchemaWith(own),
    ...Object.fromEntries(kinds.map(({ name }) => [name, z.unknown().optional()])),
    // Bundles of tailrec 0.1.0 do not say.
    whitened: z.record(z.string(), z.boolean()).default({}),
    // Those of tailrec 0.2.0 have the options' weights.
    weights: z.record(z.string(), z.number()).default({}),
  });
  const { options, whitened, weights, ...rest } = parse(schema, json);
  const documents: Readonly<Record<string, unknown>> = rest;
  const blocks = chosenBlocks(options, kinds).flatMap((chosen) => {
    const document = documents[chosen.kind.name];
    return document === null ? [] : [readBlock(chosen, document, { whitened, weights }, tensors)];
  });
  return { kinds, options, blocks };
}

interface StoredSettings {
  readonly whitened: Readonly<Record<string, boolean>>;
  readonly weights: Readonly<Record<string, number>>;
}

function readBlock(
  { kind, options }: ChosenBlock,
  document: unknown,
  { whitened, weights }: StoredSettings,
  tensors: Tensors,
): FittedBlock {
  const { name } = kind;
  const { projected, stored } = isEncoded(kind)
    ? splitMark(parse(projectedSchema, document, name))
    : { projected: whitened[name] ?? false, stored: document };
  const { document: schema, load } = storageOf(kind);
  const space = load(parse(schema, stored, name), (tensor) => tensorOf(tensors, `${name}.${tensor}`));
  const weight = weights[name] ?? (options.weight === "auto" ? 1 : options.weight);
  return { kind, options, space, projection: projected ? readProjection(kind, tensors) : null, weight };
}

function splitMark({ projected, ...stored }: z.output<typeof projectedSchema>) {
  return { projected, stored };
}

function documentOf({ kind, projection }: FittedBlock, { document }: BlockParts<unknown>): unknown {
  return isEncoded(kind) ? { ...unmarkedSchema.parse(document), projected: projection !== null } : document;
}

function storageOf({ name, storage }: BlockKind): BlockStorage<unknown> {
  if (storage !== undefined) return storage;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `a bundle cannot keep the block "${name}": its kind has no \`storage\`; give it one, or leave the block out`,
  );
}

function isProjected(name: string, blocks: readonly FittedBlock[]): boolean {
  return blocks.some(({ kind, projection }) => kind.name === name && projection !== null);
}

function projectionPrefix(kind: BlockKind): string {
  return isEncoded(kind) ? kind.name : `whitening.${kind.name}`;
}

function projectionTensors({ kind, projection }: FittedBlock): (readonly [string, Matrix])[] {
  if (projection === null) return [];
  const prefix = projectionPrefix(kind);
  return [
    [`${prefix}.mean`, projection.mean],
    [`${prefix}.axes`, projection.axes],
  ];
}

function readProjection(kind: BlockKind, tensors: Tensors): Projection {
  const prefix = projectionPrefix(kind);
  return { mean: tensorOf(tensors, `${prefix}.mean`), axes: tensorOf(tensors, `${prefix}.axes`) };
}

function parse<S extends z.ZodType>(schema: S, value: unknown, part?: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = part === undefined ? "" : `${part}: `;
  throw new TailrecError(
    "BUNDLE_CORRUPT",
    `the feature space cannot be read: ${where}${describeMismatch(parsed.error)}`,
    { cause: parsed.error },
  );
}

function tensorOf(tensors: Tensors, name: string): Matrix {
  const found = tensors[name];
  if (found !== undefined) return found;
  throw new TailrecError("BUNDLE_CORRUPT", `the feature space has no tensor "${name}"; write the bundle again`);
}
