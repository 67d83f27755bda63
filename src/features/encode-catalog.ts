/** The expensive part of the feature stage: every text and picture of a catalog through its encoder, known ones from the cache. */
import type { Catalog } from "../data/catalog.ts";
import type { ErrorCode } from "../errors.ts";
import { parseOptions } from "../options.ts";
import { type BlockEncoding, type BlockInput, encodeBlock } from "./block-encoding.ts";
import type { BlockValues } from "./block-values.ts";
import { openEmbeddingCache } from "./embedding-cache.ts";
import { type FeatureOptionsInput, featureOptionsSchema } from "./feature-options.ts";
import { encoderDigest, type LocatedManifest, loadManifestFor } from "./manifest.ts";
import { fetchedModelFiles, type ModelFilesContext } from "./model-files.ts";
import { type PictureAccess, readPicture } from "./picture-source.ts";

export interface EncodingContext extends ModelFilesContext {
  /** Where relative manifest paths start; the working directory when absent. */
  readonly folder?: string;
  /** Where computed vectors are kept; nothing is kept when absent. */
  readonly cacheFolder?: string;
}

export interface EncodedBlock extends BlockValues {
  /** The encoder's name. */
  readonly encoder: string;
  readonly digest: string;
}

/** An input that could not be used; its block is missing for that row. */
export interface Quarantined {
  readonly row: number;
  readonly block: "text" | "image";
  /** FILE_NOT_FOUND, FORBIDDEN_INPUT or UNREADABLE_INPUT. */
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface EncodedCatalog {
  readonly text: EncodedBlock | null;
  readonly image: EncodedBlock | null;
  readonly quarantine: readonly Quarantined[];
}

const TEXTS_PER_CHUNK = 64;
const PICTURES_PER_CHUNK = 16;

/** What an encoder, or the lexical block, reads of an item: "title. description"; "" when both are missing. */
export function itemText(catalog: Catalog, row: number): string {
  return [catalog.titles[row].trim(), catalog.descriptions[row].trim()].filter((part) => part !== "").join(". ");
}

/** Encodes texts and pictures by the encoders of the options. MODEL_MISSING or MODEL_INVALID when an encoder cannot be had. */
export async function encodeCatalog(
  catalog: Catalog,
  options: FeatureOptionsInput,
  context: EncodingContext = {},
): Promise<EncodedCatalog> {
  const { text, image } = parseOptions(featureOptionsSchema, options, "features");
  const rows = catalog.ids.length;
  const base = context.folder ?? process.cwd();
  const located = {
    text: text && (await loadManifestFor("text", text.encoder, base)),
    image: image && (await loadManifestFor("image", image.encoder, base)),
  };
  const pictures = imageInputs(catalog, { root: catalog.imageRoot, urls: image?.urls ?? null }, context.signal);
  const texts = located.text && (await encodeWith(located.text, "text", rows, textInputs(catalog), context));
  const images = located.image && (await encodeWith(located.image, "image", rows, pictures, context));
  return {
    text: located.text && texts && encodedBlock(located.text, texts),
    image: located.image && images && encodedBlock(located.image, images),
    quarantine: [...quarantined("text", texts), ...quarantined("image", images)],
  };
}

async function encodeWith(
  located: LocatedManifest,
  block: Quarantined["block"],
  rows: number,
  inputs: readonly BlockInput[],
  context: EncodingContext,
): Promise<BlockEncoding> {
  const { manifest } = located;
  const files = await fetchedModelFiles(located, context);
  const chunkSize = block === "text" ? TEXTS_PER_CHUNK : PICTURES_PER_CHUNK;
  const cache =
    context.cacheFolder === undefined
      ? undefined
      : await openEmbeddingCache(context.cacheFolder, encoderDigest(manifest), manifest.dimension);
  try {
    return await encodeBlock({ stage: `encode ${block}`, rows, inputs, chunkSize, manifest, files, cache }, context);
  } finally {
    await cache?.close();
  }
}

/** Longest first, so that a chunk holds texts of like length and no lane ends on the longest. */
function textInputs(catalog: Catalog): BlockInput[] {
  const texts = catalog.ids.map((_, row) => ({ row, text: itemText(catalog, row) })).filter(({ text }) => text !== "");
  texts.sort((a, b) => b.text.length - a.text.length || a.row - b.row);
  return texts.map(({ row, text }) => ({ row, load: async () => text }));
}

function imageInputs({ images }: Catalog, access: PictureAccess, signal: AbortSignal | undefined): BlockInput[] {
  return images.flatMap((location, row) =>
    location === null ? [] : [{ row, load: () => readPicture(location, access, signal) }],
  );
}

function encodedBlock({ manifest }: LocatedManifest, { vectors, presence }: BlockEncoding): EncodedBlock {
  return { encoder: manifest.name, digest: encoderDigest(manifest), vectors, presence };
}

function quarantined(block: Quarantined["block"], encoding: BlockEncoding | null): Quarantined[] {
  return (encoding?.failures ?? []).map((failure) => ({ ...failure, block }));
}
