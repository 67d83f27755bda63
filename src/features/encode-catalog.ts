/** The expensive part of the feature stage: every text and picture of a catalog through its encoder, known ones from the cache. */
import { availableParallelism } from "node:os";
import type { BlockValues } from "../data/block-values.ts";
import type { Catalog } from "../data/catalog.ts";
import { openEmbeddingCache } from "../encoders/cache/embedding-cache.ts";
import { openPictureIndex } from "../encoders/image/picture-index.ts";
import { type PictureAccess, readPicture } from "../encoders/image/picture-source.ts";
import { encoderDigest, type LocatedManifest, loadManifestFor } from "../encoders/models/manifest.ts";
import { fetchedModelFiles, type ModelFilesContext } from "../encoders/models/model-files.ts";
import { encodeBlock } from "../encoders/run/block-encoding.ts";
import type { BlockInputs } from "../encoders/run/block-request.ts";
import type { BlockEncoding } from "../encoders/run/block-result.ts";
import { planLanes } from "../encoders/run/encoding-lanes.ts";
import { longestFirst, presentRows } from "../encoders/run/encoding-order.ts";
import type { ErrorCode } from "../errors.ts";
import { parseOptions } from "../options.ts";
import { type FeatureOptionsInput, featureOptionsSchema, type ImageOptions } from "./feature-options.ts";

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
  /** Vectors that came from the cache; the others were computed, or copied from another item of the same input. */
  readonly reused: number;
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

/** Characters in a batch, some two thousand tokens. Every text counts some more, so that a batch of tiny ones ends too. */
const CHARACTERS_PER_BATCH = 8_192;
const CHARACTERS_PER_TEXT = 32;
const PICTURES_PER_BATCH = 8;

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
  const { folder: base = process.cwd(), modelFolder } = context;
  const located = {
    text: text && (await loadManifestFor("text", text.encoder, base, modelFolder)),
    image: image && (await loadManifestFor("image", image.encoder, base, modelFolder)),
  };
  const texts = located.text && (await encodeWith(located.text, await textInputs(catalog), rows, context));
  const images = located.image && image && (await encodePictures(located.image, catalog, image, context));
  return {
    text: located.text && texts && encodedBlock(located.text, texts),
    image: located.image && images && encodedBlock(located.image, images),
    quarantine: [...quarantined("text", texts), ...quarantined("image", images)],
  };
}

async function encodePictures(
  located: LocatedManifest,
  catalog: Catalog,
  { urls, rereadFiles }: ImageOptions,
  context: EncodingContext,
): Promise<BlockEncoding> {
  const access = { root: catalog.imageRoot, urls };
  const inputs = imageInputs(catalog, access, context.signal);
  const { cacheFolder } = context;
  const known =
    cacheFolder === undefined || rereadFiles ? undefined : await openPictureIndex(cacheFolder, catalog.images, access);
  try {
    return await encodeWith(located, { ...inputs, known }, catalog.ids.length, context);
  } finally {
    await known?.close();
  }
}

async function encodeWith(
  located: LocatedManifest,
  inputs: BlockInputs,
  rows: number,
  context: EncodingContext,
): Promise<BlockEncoding> {
  const { manifest } = located;
  const files = await fetchedModelFiles(located, context);
  const { cacheFolder } = context;
  const cache = cacheFolder === undefined ? undefined : await openEmbeddingCache(cacheFolder, manifest);
  try {
    const stage = `encode ${manifest.task}`;
    const lanes = planLanes(availableParallelism());
    return await encodeBlock({ ...inputs, stage, rows, manifest, files, cache, lanes }, context);
  } finally {
    await cache?.close();
  }
}

/** Longest first, so that a batch holds texts of like length and no lane ends on the longest. */
async function textInputs(catalog: Catalog): Promise<BlockInputs> {
  return {
    order: await longestFirst(catalog.ids.length, (row) => itemText(catalog, row).length),
    load: async (row) => itemText(catalog, row),
    together: 1024,
    budget: CHARACTERS_PER_BATCH,
    costOf: (text) => text.length + CHARACTERS_PER_TEXT,
  };
}

function imageInputs({ images }: Catalog, access: PictureAccess, signal: AbortSignal | undefined): BlockInputs {
  return {
    order: presentRows(images),
    load: (row) => readPicture(images[row] ?? "", access, signal),
    together: PICTURES_PER_BATCH,
    budget: PICTURES_PER_BATCH,
    costOf: () => 1,
  };
}

function encodedBlock({ manifest }: LocatedManifest, { vectors, presence, reused }: BlockEncoding): EncodedBlock {
  return { encoder: manifest.name, digest: encoderDigest(manifest), vectors, presence, reused };
}

function quarantined(block: Quarantined["block"], encoding: BlockEncoding | null): Quarantined[] {
  return (encoding?.failures ?? []).map((failure) => ({ ...failure, block }));
}
