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

/** The catalog of `writeCatalog`. BUNDLE_CORRUPT when a line is not an item. */
export function readCatalog(text: string, kinds: AttributeKinds): Catalog {
  const items = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => parseItem(line, i + 1));
  return {
    ids: items.map(({ id }) => id),
    titles: items.map(({ title }) => title),
    descriptions: items.map(({ description }) => description),
    images: items.map(({ image }) => image),
    attributes: kinds.map(({ name, kind }, a): Attribute => {
      const values = items.map(({ attributes }) => attributes[a]);
      if (kind === "category")
        return { name, kind, values: values.map((value) => (Array.isArray(value) ? value : [])) };
      return {
        name,
        kind,
        values: Float64Array.from(values, (value) => (typeof value === "number" ? value : Number.NaN)),
      };
    }),
  };
}

export function kindsOf(catalog: Catalog): AttributeKinds {
  return catalog.attributes.map(({ name, kind }) => ({ name, kind }));
}

function parseItem(line: string, number: number): z.output<typeof itemSchema> {
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
