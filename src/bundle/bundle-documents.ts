/** The parts of a bundle that are text, and their way back: the catalog as JSON lines, its attributes' kinds in the manifest. */
import { z } from "zod";
import type { Attribute, Catalog } from "../data/catalog.ts";
import { TailrecError } from "../errors.ts";

const attributeKinds = z.array(z.strictObject({ name: z.string(), kind: z.enum(["category", "number", "price"]) }));

export type AttributeKinds = z.output<typeof attributeKinds>;
export const attributeKindsSchema = attributeKinds;

const itemSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  image: z.string().nullable(),
  attributes: z.array(z.union([z.array(z.string()), z.number(), z.null()])),
});

/** One JSON line an item; a number that is missing is null. */
export function writeCatalog(catalog: Catalog): string {
  const lines = catalog.ids.map((id, i) =>
    JSON.stringify({
      id,
      title: catalog.titles[i],
      description: catalog.descriptions[i],
      image: catalog.images[i],
      attributes: catalog.attributes.map((attribute) =>
        attribute.kind === "category" ? attribute.values[i] : finiteOrNull(attribute.values[i]),
      ),
    }),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** The catalog of `writeCatalog`, UTF-8. BUNDLE_CORRUPT when a line is not an item. */
export function readCatalog(bytes: Uint8Array, kinds: AttributeKinds): Catalog {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const columns = { ids: [], titles: [], descriptions: [], images: [] } as CatalogColumns;
  const values = kinds.map((): unknown[] => []);
  const lists: KnownLists = new Map();
  for (let begin = 0, line = 1; begin < text.length; line++) {
    const end = text.indexOf(LINE_END, begin);
    const stop = end === -1 ? text.length : end;
    if (stop > begin) takeItem(parseItem(text.toString("utf8", begin, stop), line), columns, values, lists);
    begin = stop + 1;
  }
  return { ...columns, attributes: kinds.map((kind, a) => attributeOf(kind, values[a])) };
}

const LINE_END = 0x0a;

interface CatalogColumns {
  readonly ids: string[];
  readonly titles: string[];
  readonly descriptions: string[];
  readonly images: (string | null)[];
}

/** Lists of categories by their JSON. */
type KnownLists = Map<string, readonly string[]>;

/** Categories are few, and each list of them is one however many items have it. */
function takeItem(item: StoredItem, columns: CatalogColumns, values: unknown[][], lists: KnownLists): void {
  columns.ids.push(item.id);
  columns.titles.push(item.title);
  columns.descriptions.push(item.description);
  columns.images.push(item.image);
  for (const [a, column] of values.entries()) {
    const value = item.attributes[a];
    column.push(Array.isArray(value) ? known(value, lists) : value);
  }
}

function known(list: readonly string[], lists: KnownLists): readonly string[] {
  const key = JSON.stringify(list);
  const same = lists.get(key) ?? list;
  lists.set(key, same);
  return same;
}

function attributeOf({ name, kind }: AttributeKinds[number], values: readonly unknown[]): Attribute {
  if (kind === "category") return { name, kind, values: values.map((value) => (Array.isArray(value) ? value : NONE)) };
  const numbers = Float64Array.from(values, (value) => (typeof value === "number" ? value : Number.NaN));
  return { name, kind, values: numbers };
}

const NONE: readonly string[] = [];

export function kindsOf(catalog: Catalog): AttributeKinds {
  return catalog.attributes.map(({ name, kind }) => ({ name, kind }));
}

type StoredItem = z.output<typeof itemSchema>;

function parseItem(line: string, number: number): StoredItem {
  const parsed = itemSchema.safeParse(JSON.parse(line));
  if (parsed.success) return parsed.data;
  throw new TailrecError(
    "BUNDLE_CORRUPT",
    `catalog.jsonl:${number}: not an item of a bundle; make the bundle again by tailrec run`,
  );
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
