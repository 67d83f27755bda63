/** The expensive part of the feature stage: every text and picture of a catalog through its encoder, known ones from the cache. */
import type { Catalog } from "../data/catalog.ts";
import { loadManifestFor } from "../encoders/models/manifest.ts";
import type { ErrorCode } from "../errors.ts";
import type { BlockKind } from "./block-kind.ts";
import type { BlockExtensions, BuiltInKind } from "./block-kinds.ts";
import type { EncodedBlock, Encoding, EncodingContext } from "./encoding.ts";
import {
  type ChosenBlock,
  chooseBlocks,
  chosenBlocks,
  type FeatureOptionsInput,
  type ParsedFeatures,
} from "./feature-options.ts";
import { namedEncoders } from "./named-encoders.ts";

export type { EncodedBlock, EncodingContext } from "./encoding.ts";

/** An input that could not be used; its block is missing for that row. */
export interface Quarantined {
  readonly row: number;
  /** Name of the block. */
  readonly block: string;
  /** FILE_NOT_FOUND, FORBIDDEN_INPUT or UNREADABLE_INPUT. */
  readonly code: ErrorCode;
  readonly reason: string;
  /** Path or address of the input, where it has one. */
  readonly file?: string;
}

/** A `data:` address is the input itself: it names no file. */
const HOLDS_INPUT = /^data:/i;

/** The built-in kinds whose vectors an encoder makes. */
type EncodedName = Extract<BuiltInKind, { readonly task: string }>["name"];

/** Vectors by kind of block, null where the options leave it out; a caller's own kinds stand beside the built-in ones. */
export type EncodedCatalog = { readonly [Name in EncodedName]?: EncodedBlock | null } & {
  readonly quarantine: readonly Quarantined[];
};

/**
 * Encodes texts and pictures by the encoders of the options. Errors: MODEL_MISSING or MODEL_INVALID, before any work, when an
 * encoder cannot be had.
 */
export async function encodeCatalog<Own extends BlockKind = never>(
  catalog: Catalog,
  options: FeatureOptionsInput<NoInfer<Own>>,
  context: EncodingContext & BlockExtensions<Own> = {},
): Promise<EncodedCatalog> {
  const { kinds, chosen } = chooseBlocks(options, context);
  await requireEncoders(chosen, context);
  const encodings: [ChosenBlock["kind"], Encoding][] = [];
  for (const { kind, options } of chosen) {
    const encoding = await kind.encode?.(catalog, options, context);
    if (encoding !== undefined) encodings.push([kind, encoding]);
  }
  const absent = kinds.filter(({ encode }) => encode !== undefined).map(({ name }) => [name, null] as const);
  const blocks = encodings.map(([{ name }, { block }]) => [name, block] as const);
  const quarantine = encodings.flatMap(([kind, encoding]) => quarantined(catalog, kind, encoding));
  return { ...Object.fromEntries<EncodedBlock | null>([...absent, ...blocks]), quarantine };
}

/** The blocks that the options ask for and that are encoded, in column order. */
export function encodedBlockNames(options: ParsedFeatures): string[] {
  return chosenBlocks(options).flatMap(({ kind: { name, encode } }) => (encode === undefined ? [] : [name]));
}

/** What was encoded for a kind of block; null where nothing was. */
export function encodedFor(name: string, { quarantine, ...blocks }: EncodedCatalog): EncodedBlock | null {
  const byName: Readonly<Record<string, EncodedBlock | null>> = blocks;
  return byName[name] ?? null;
}

async function requireEncoders(
  chosen: readonly ChosenBlock[],
  { folder = process.cwd(), modelFolder }: EncodingContext,
): Promise<void> {
  for (const { task, encoder } of namedEncoders(chosen)) await loadManifestFor(task, encoder, folder, modelFolder);
}

function quarantined(catalog: Catalog, { name, files }: BlockKind, { failures }: Encoding): Quarantined[] {
  const locations = files?.locations(catalog) ?? [];
  return failures.map((failure) => {
    const location = locations[failure.row] ?? "";
    const isNamed = location !== "" && !HOLDS_INPUT.test(location);
    return { ...failure, block: name, ...(isNamed && { file: location }) };
  });
}
