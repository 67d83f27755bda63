/** Lists of the report: the items nearest to a few tail items by behaviour alone and by the served vectors, with small pictures. */
import type { Catalog } from "../../data/catalog.ts";
import { pictureThumbnail } from "../../encoders/image/picture-preview.ts";
import type { PictureAccess } from "../../encoders/image/picture-source.ts";
import { TailrecError } from "../../errors.ts";
import { createRandom } from "../../math/random.ts";
import { nearestName } from "../../options.ts";
import type { ListedItem, ReportDocument, SimilarList } from "../../report/html/report-document.ts";
import type { ReportOptions } from "../../report/html/report-options.ts";
import { createItemIndex, type ItemIndex } from "../../serving/ranking/item-index.ts";
import { similarItems } from "../../serving/ranking/similar-items.ts";
import type { ShownModel } from "./report-map.ts";

/** The named items, then drawn ones: in turn of no interaction, of 1 to 3, of 4 to 10. */
export async function listsOf({ model, catalog, support, options }: ShownModel): Promise<SimilarList[]> {
  const behaviour = createItemIndex(model.als.itemFactors);
  const served =
    model.similar === undefined
      ? createItemIndex(model.embeddings.vectors)
      : createItemIndex(model.similar.vectors, { metric: "projection" });
  const describe = (row: number): ListedItem => ({
    id: catalog.ids[row],
    title: catalog.titles[row],
    support: support[row],
  });
  const near = async (index: ItemIndex, row: number) =>
    index.norms[row] === 0
      ? []
      : (await similarItems(index, row, { count: options.listLength })).map((hit) => describe(hit.row));
  const lists: SimilarList[] = [];
  for (const row of chosenRows(catalog, support, options)) {
    lists.push({ item: describe(row), before: await near(behaviour, row), after: await near(served, row) });
  }
  return lists;
}

/** Rows of the items that the options name. Throws UNKNOWN_ITEM for one that the catalog lacks. */
export function namedRows({ ids }: Catalog, { items }: ReportOptions): number[] {
  return items.map((id) => {
    const row = ids.indexOf(id);
    if (row >= 0) return row;
    const near = nearestName(id, ids);
    const remedy = near === undefined ? `ids are such as "${ids[0]}"` : `did you mean "${near}"?`;
    throw new TailrecError("UNKNOWN_ITEM", `evaluation.report.items: no item has the id "${id}"; ${remedy}`);
  });
}

function chosenRows(catalog: Catalog, support: Uint32Array, options: ReportOptions): number[] {
  const { ids, titles } = catalog;
  const named = namedRows(catalog, options);
  const rows = Array.from({ length: ids.length }, (_, row) => row).filter((row) => titles[row] !== "");
  createRandom(options.seed).shuffle(rows);
  const groups = [
    [0, 0],
    [1, 3],
    [4, 10],
  ].map(([least, most]) => rows.filter((row) => support[row] >= least && support[row] <= most));
  const turns = Array.from({ length: options.lists }, (_, turn) => groups.map((group) => group[turn])).flat();
  const drawn = turns.filter((row) => row !== undefined && !named.includes(row));
  return [...named, ...drawn].slice(0, Math.max(options.lists, named.length));
}

/** Thumbnails of every listed item that has a picture, by id. */
export async function picturesOf(
  lists: readonly SimilarList[],
  { ids, images }: Catalog,
  access: PictureAccess,
): Promise<ReportDocument["pictures"]> {
  const wanted = new Set(lists.flatMap(({ item, before, after }) => [item, ...before, ...after]).map(({ id }) => id));
  const rows = ids.flatMap((id, row) => (wanted.has(id) ? [row] : []));
  const pictures = await Promise.all(
    rows.map(async (row) => {
      const location = images[row];
      return [ids[row], location === null ? undefined : await pictureThumbnail(location, access)] as const;
    }),
  );
  return Object.fromEntries(pictures.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
