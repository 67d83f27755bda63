/**
 * Vectors for items that a bundle has never seen: read with the bundle's own column mapping, encoded and placed in its feature
 * space, mapped to its prior. Whatever an item lacks lowers the confidence in its vector and is said, item by item.
 */

import type { Bundle } from "../bundle/bundle.ts";
import type { Catalog } from "../data/catalog.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { ingestItems } from "../data/ingest/ingest.ts";
import type { IngestReport } from "../data/ingest/rejects.ts";
import { type EncodedCatalog, encodeCatalog, itemText } from "../features/encode-catalog.ts";
import { applyFeatureSpace, type FeatureSpace } from "../features/feature-space.ts";
import { type UnusableInput, unusableInputs } from "../features/unusable-inputs.ts";
import type { ItemEmbeddings } from "../hybrid/item-embeddings.ts";
import { embedNewItems } from "../hybrid/new-items.ts";
import type { RunContext } from "../run-context.ts";

export interface NewItems {
  readonly catalog: Catalog;
  readonly report: IngestReport;
  readonly embeddings: ItemEmbeddings;
  /** Per item, what makes its vector less certain: "no picture", "unknown brand". */
  readonly caveats: readonly (readonly string[])[];
  /** What stands behind "unusable image". */
  readonly unusable: readonly UnusableInput[];
}

export interface NewItemsRequest {
  /** File of items; relative pictures start at `imageFolder`, else at the file's folder, and stay in `imageRoot`, else there. */
  readonly path: string;
  readonly imageFolder?: string;
  readonly imageRoot?: string;
  readonly cacheFolder?: string;
}

/** Embeds the items of a file. Errors: those of `ingestItems` and `encodeCatalog`. */
export async function embedItemsFile(bundle: Bundle, request: NewItemsRequest, context: RunContext): Promise<NewItems> {
  const { path, imageFolder = null, imageRoot = null, cacheFolder } = request;
  const { config } = bundle.manifest;
  const mapping = {
    ...config.data.items,
    path,
    format: "auto",
    imageFolder,
    imageRoot,
    absentColumns: "missing",
  } as const;
  const { catalog, report } = await ingestItems(mapping, context);
  const encoded = await encodeCatalog(catalog, config.features, { ...context, cacheFolder });
  const features = applyFeatureSpace(bundle.space, catalog, encoded);
  const embeddings = await embedNewItems(bundle.model, features, context);
  const caveats = caveatsOf(bundle.space, catalog, encoded, features);
  return { catalog, report, embeddings, caveats, unusable: unusableInputs(catalog, encoded.quarantine) };
}

/** Per item, the blocks it lacks, the inputs that could not be used, and the categories that training never saw. */
export function caveatsOf(
  space: FeatureSpace,
  catalog: Catalog,
  encoded: Pick<EncodedCatalog, "quarantine">,
  { presence, blocks }: FeatureMatrix,
): string[][] {
  const quarantined = new Map(encoded.quarantine.map(({ row, block }) => [`${row} ${block}`, `unusable ${block}`]));
  return catalog.ids.map((_, row) => {
    const missing = blocks.filter((_, b) => presence.values[row * blocks.length + b] === 0);
    const wordless = itemText(catalog, row) === "" ? "no text" : "no known word";
    const absent = { text: "no text", lexical: wordless, image: "no picture", attributes: "no attributes" };
    const lacks = missing.map(({ kind }) => quarantined.get(`${row} ${kind}`) ?? absent[kind]);
    return [...new Set(lacks), ...unknownCategories(space, catalog, row)];
  });
}

function unknownCategories(space: FeatureSpace, catalog: Catalog, row: number): string[] {
  return (space.attributes ?? []).flatMap((attribute) => {
    if (attribute.kind !== "category") return [];
    const given = catalog.attributes.find(({ name, kind }) => name === attribute.name && kind === "category");
    const values = given?.kind === "category" ? given.values[row] : [];
    // A path such as "Tools > Saws" is known as soon as its first level is.
    const known = values.some(
      (value) => attribute.levels.includes(value) || attribute.levels.includes(value.split(" > ")[0]),
    );
    return values.length > 0 && !known ? [`unknown ${attribute.name}`] : [];
  });
}
