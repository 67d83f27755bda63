/** The latent map of a run: drawn items by their ALS vectors and by the served ones, with the attribute that colours them best. */
import type { Catalog, CategoryAttribute } from "../../data/catalog.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import { type Matrix, rowOf, takeRows } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import type { LatentMap } from "../../report/html/report-document.ts";
import type { ReportOptions } from "../../report/html/report-options.ts";
import { latentMap, type Point } from "../../report/latent-map.ts";
import type { RunContext } from "../../run-context.ts";

export interface ShownModel {
  readonly model: HybridModel;
  readonly catalog: Catalog;
  readonly support: Uint32Array;
  readonly options: ReportOptions;
}

const NEIGHBOURS = 15;
const EPOCHS = 200;
const CATEGORIES = 8;
const TITLE = 90;

/** Null where the options ask for no map, or fewer than four items could be on it. */
export async function mapOf(shown: ShownModel, context: RunContext): Promise<LatentMap | null> {
  const { model, catalog, support, options } = shown;
  const rows = drawnRows(catalog.ids.length, options);
  const settings = { seed: options.seed, neighbours: NEIGHBOURS, epochs: EPOCHS };
  const after = await placesOf("map of the hybrid", model.embeddings.vectors, rows, settings, context);
  if (after.size === 0) return null;
  const before = await placesOf("map of ALS", model.als.itemFactors, rows, settings, context);
  const { attribute, categories, placeOf } = colouring(catalog, rows);
  const items = rows.flatMap((row) => {
    const place = after.get(row);
    const { ids, titles } = catalog;
    const item = { id: ids[row], title: excerpt(titles[row]), support: support[row], category: placeOf(row) };
    return place === undefined ? [] : [{ ...item, before: before.get(row) ?? null, after: place }];
  });
  return { outOf: catalog.ids.length, ...settings, categoryAttribute: attribute, categories, items };
}

/** Ascending, so that the catalog's order decides nothing but the order of drawing. */
function drawnRows(items: number, { mapItems, seed }: ReportOptions): number[] {
  const rows = Array.from({ length: items }, (_, row) => row);
  createRandom(seed).shuffle(rows);
  return rows.slice(0, mapItems).sort((a, b) => a - b);
}

/** Places of those rows that have a vector. */
async function placesOf(
  stage: string,
  vectors: Matrix,
  rows: readonly number[],
  settings: Parameters<typeof latentMap>[2],
  context: RunContext,
): Promise<Map<number, Point>> {
  const placed = rows.filter((row) => rowOf(vectors, row).some((value) => value !== 0));
  const points = await latentMap(stage, takeRows(vectors, placed), settings, context);
  return new Map(points.map((point, i) => [placed[i], point]));
}

interface Colouring {
  readonly attribute: string | null;
  readonly categories: readonly string[];
  placeOf(row: number): number;
}

/** The attribute whose eight most frequent values, none on more than half of the items, cover the most items. */
function colouring(catalog: Catalog, rows: readonly number[]): Colouring & { readonly categories: string[] } {
  const candidates = catalog.attributes
    .filter((attribute): attribute is CategoryAttribute => attribute.kind === "category")
    .map((attribute) => {
      const categories = frequentValues(attribute, rows);
      const placeOf = (row: number) => {
        const value = attribute.values[row].find((name) => categories.includes(name));
        return value === undefined ? -1 : categories.indexOf(value);
      };
      return {
        attribute: attribute.name,
        categories,
        placeOf,
        covered: rows.filter((row) => placeOf(row) >= 0).length,
      };
    });
  const [best] = candidates.toSorted((a, b) => b.covered - a.covered);
  return best !== undefined && best.covered > 0 ? best : { attribute: null, categories: [], placeOf: () => -1 };
}

function frequentValues({ values }: CategoryAttribute, rows: readonly number[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const value of values[row]) counts.set(value, (counts.get(value) ?? 0) + 1);
  const telling = [...counts].filter(([, count]) => count <= rows.length / 2);
  return telling
    .sort(([, a], [, b]) => b - a)
    .slice(0, CATEGORIES)
    .map(([value]) => value);
}

function excerpt(title: string): string {
  return title.length <= TITLE ? title : `${title.slice(0, TITLE - 1)}…`;
}
