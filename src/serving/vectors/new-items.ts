/**
 * Vectors for items that a bundle has never seen: from a file, read with the bundle's own column mapping, or as values. They are
 * encoded, placed in the bundle's feature space and mapped to its prior. Whatever an item lacks lowers the confidence in its vector
 * and is said, item by item.
 */

import type { Bundle } from "../../bundle/bundle.ts";
import type { Catalog } from "../../data/catalog.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import { ingestItems } from "../../data/ingest/ingest.ts";
import type { FileFormat, ParsedItemsOptions } from "../../data/ingest/ingest-options.ts";
import { catalogOfRecords, type ItemRecord } from "../../data/ingest/item-records.ts";
import type { IngestReport } from "../../data/ingest/rejects.ts";
import { describeAbsent } from "../../data/ingest/tables/raw-columns.ts";
import { TailrecError } from "../../errors.ts";
import { blockKindNamed, ownBlockKinds } from "../../features/block-kinds.ts";
import { type EncodedCatalog, encodeCatalog } from "../../features/encode-catalog.ts";
import type { EncodingContext } from "../../features/encoding.ts";
import { applyFeatureSpace, type FeatureSpace } from "../../features/feature-space.ts";
import { type UnusableInput, unusableInputs } from "../../features/unusable-inputs.ts";
import { embedNewItems, type NewItemEmbeddings } from "../../hybrid/new-items.ts";
import type { RunContext } from "../../run-context.ts";

export interface NewItems {
  readonly catalog: Catalog;
  readonly report: IngestReport;
  /** In the feature space of the bundle. */
  readonly features: FeatureMatrix;
  readonly embeddings: NewItemEmbeddings;
  /** Per item, what makes its vector less certain: "no picture", "unknown brand". */
  readonly caveats: readonly (readonly string[])[];
  /** What stands behind "unusable image". */
  readonly unusable: readonly UnusableInput[];
}

export interface NewItemsSource {
  /** Path of a file of items, or the items themselves. */
  readonly items: string | readonly ItemRecord[];
  /** Format of a file; the pipeline's where neither this nor the name of the file tells. */
  readonly format?: FileFormat;
  /** Where relative pictures start: a file's own folder when absent; with values they are refused then. */
  readonly imageFolder?: string;
  /** Folder that pictures may not leave; `imageFolder` when absent. */
  readonly imageRoot?: string;
  readonly cacheFolder?: string;
}

/** Progress, cancellation, and encoder threads that stay. */
export type ItemsContext = RunContext & Pick<EncodingContext, "kept">;

export interface DescribedItems {
  readonly catalog: Catalog;
  readonly report: IngestReport;
  readonly encoded: EncodedCatalog;
  /** In the feature space of the bundle. */
  readonly features: FeatureMatrix;
}

/** Items as they were read: with values of the bundle's attributes. */
type ReadItems = Pick<DescribedItems, "catalog" | "report">;

/** Reads items and places them in the bundle's feature space. Errors: those of `ingestItems`, `catalogOfRecords` and `encodeCatalog`. */
export async function describeItemsFrom(
  bundle: Bundle,
  source: NewItemsSource,
  context: ItemsContext,
): Promise<DescribedItems> {
  return describeItems(bundle, await readNewItems(bundle, source, context), source.cacheFolder, context);
}

async function describeItems(
  bundle: Bundle,
  { catalog, report }: ReadItems,
  cacheFolder: string | undefined,
  context: ItemsContext,
): Promise<DescribedItems> {
  const blockKinds = ownBlockKinds(bundle.space.kinds);
  const encoding = { ...context, cacheFolder, blockKinds };
  const encoded = await encodeCatalog(catalog, bundle.manifest.config.features, encoding);
  return { catalog, report, encoded, features: await applyFeatureSpace(bundle.space, catalog, encoded) };
}

/** Embeds items. Errors: those of `describeItemsFrom`. */
export async function embedItemsFrom(bundle: Bundle, source: NewItemsSource, context: ItemsContext): Promise<NewItems> {
  return embedReadItems(bundle, await readNewItems(bundle, source, context), source.cacheFolder, context);
}

/** Embeds items that were read elsewhere, by the bundle's mapping. Errors: those of `encodeCatalog`. */
export async function embedReadItems(
  bundle: Bundle,
  read: ReadItems,
  cacheFolder: string | undefined,
  context: ItemsContext,
): Promise<NewItems> {
  const { catalog, report, encoded, features } = await describeItems(bundle, read, cacheFolder, context);
  const embeddings = await embedNewItems(bundle.model, features, context);
  const caveats = withUnreadable(caveatsOf(bundle.space, catalog, encoded, features), catalog, report);
  return { catalog, report, features, embeddings, caveats, unusable: unusableInputs(catalog, encoded.quarantine) };
}

async function readNewItems({ manifest }: Bundle, source: NewItemsSource, context: RunContext) {
  const { items, format = "auto", imageFolder, imageRoot } = source;
  const mapping = manifest.config.data.items;
  if (typeof items !== "string") {
    return catalogOfRecords(items, { attributes: mapping.attributes, imageFolder, imageRoot });
  }
  const options = {
    ...mapping,
    path: items,
    format,
    imageFolder: imageFolder ?? null,
    imageRoot: imageRoot ?? null,
    absentColumns: "missing",
  } as const;
  const read = await ingestItems(options, { ...context, defaultFormat: mapping.format });
  requireContent(mapping, read.report);
  return read;
}

/** UNKNOWN_COLUMN where the file has none of the mapped columns: every item would get one and the same vector. */
function requireContent({ columns, attributes }: ParsedItemsOptions, { absentColumns }: IngestReport): void {
  const texts = [columns.title, columns.description, columns.image].flat();
  const mapped = new Set([...texts, ...attributes.map(({ column }) => column)].filter((name) => name !== null));
  if (absentColumns.length < mapped.size || absentColumns.length === 0) return;
  const [first] = absentColumns.toSorted((a, b) => Number(b.near !== undefined) - Number(a.near !== undefined));
  const message = `${describeAbsent(first)}, and none that the pipeline maps: every item would get the same vector`;
  throw new TailrecError("UNKNOWN_COLUMN", message);
}

/** The caveats of each item, and the columns whose cell could not be read. */
function withUnreadable(
  caveats: readonly (readonly string[])[],
  { ids }: Catalog,
  { missingCells }: IngestReport,
): readonly (readonly string[])[] {
  const unreadable = new Map<string, string[]>();
  for (const { item, column } of missingCells) {
    unreadable.set(item, [...(unreadable.get(item) ?? []), `unreadable ${column}`]);
  }
  return caveats.map((list, row) => [...list, ...(unreadable.get(ids[row]) ?? [])]);
}

/**
 * Per item, the blocks it lacks, the inputs that could not be used, and the categories that training never saw. A bundle without
 * content knows nothing of any new item.
 */
export function caveatsOf(
  space: FeatureSpace,
  catalog: Catalog,
  encoded: Pick<EncodedCatalog, "quarantine">,
  { presence, blocks }: FeatureMatrix,
): string[][] {
  if (blocks.length === 0) return catalog.ids.map(() => ["the bundle knows no content"]);
  const quarantined = new Map(encoded.quarantine.map(({ row, block }) => [`${row} ${block}`, `unusable ${block}`]));
  return catalog.ids.map((_, row) => {
    const missing = blocks.filter((_, b) => presence.values[row * blocks.length + b] === 0);
    const lacks = missing.map(
      ({ kind }) => quarantined.get(`${row} ${kind}`) ?? blockKindNamed(space.kinds, kind).words.missing(catalog, row),
    );
    const doubts = space.blocks.flatMap(({ kind, space: fitted }) => kind.caveats?.(fitted, catalog, row) ?? []);
    return [...new Set(lacks), ...doubts];
  });
}
