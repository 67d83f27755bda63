/**
 * The fields block: title, description and every attribute, each as sparse rows with all its levels, weighted by what it tells of
 * behaviour (`fields/`). Methods that work by inner products read the rows themselves, the others their projection.
 */
import { z } from "zod";
import type { Catalog } from "../../data/catalog.ts";
import type { BlockKind } from "../block-kind.ts";
import { fieldWidth } from "../fields/field-space.ts";
import { applyFields, type FieldsSpace, fitFields, fitFieldValues, keptEnergy } from "../fields/fields-space.ts";
import { isKnownLevel } from "./attribute-columns.ts";
import { weight } from "./shared-options.ts";

const schema = z
  .strictObject({
    minimumCount: z.int().positive().default(2).describe("words and levels in fewer training items are left out"),
    dimension: z
      .union([z.literal("auto"), z.int().positive()])
      .default("auto")
      .describe(
        "columns that the sparse rows are reduced to for methods that need columns; auto: a fourth of the training items, 64 to 768",
      ),
    shares: z
      .record(z.string(), z.number().min(0).max(1))
      .default({})
      .describe(
        'parts of single fields in the likeness of two items, by name ("title", "attribute brand"); the others are learnt',
      ),
    weight: weight.default("auto"),
  })
  .nullable()
  .default(null)
  .describe("title, description and attributes as sparse rows, each field weighted by what it tells of behaviour");

const documentSchema = z.strictObject({
  fields: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(["text", "category", "number", "price"]),
      terms: z.array(z.string()),
      knots: z.array(z.number()),
      share: z.number(),
    }),
  ),
});

export const fieldsBlock: BlockKind<"fields", typeof schema, FieldsSpace, z.output<typeof documentSchema>> = {
  name: "fields",
  schema,
  words: { plural: "words and attributes", missing: () => "no known word or attribute" },
  fit: ({ catalog, behaviour }, rows, options) => fitFields({ catalog, rows, behaviour }, options),
  fitValues: ({ catalog, behaviour }, rows, options) => fitFieldValues({ catalog, rows, behaviour }, options),
  columns: ({ projection }) => projection.columns,
  isNested: true,
  isReduced: true,
  reduction: ({ projection }) => projection,
  apply: (space, { catalog }) => applyFields(space, catalog),
  parts: ({ fields }) => fields.map((field) => ({ name: field.name, share: field.share, terms: fieldWidth(field) })),
  origin: (space, { catalog }, rows) => ({
    source: space.fields.map(({ name, share }) => `${name} ${(100 * share).toFixed(0)}%`).join(", "),
    sourceDimension: space.projection.rows,
    explainedVariance: keptEnergy(applyFields(space, catalog), rows),
  }),
  caveats: unknownCategories,
  storage: {
    document: documentSchema,
    save: ({ fields, projection }) => ({
      document: {
        fields: fields.map(({ name, kind, terms, knots, share }) => ({
          name,
          kind,
          terms: [...terms],
          knots: [...knots],
          share,
        })),
      },
      tensors: {
        inverseFrequency: rowOfAll(fields.map(({ inverseFrequency }) => inverseFrequency)),
        projection,
      },
    }),
    load: ({ fields }, tensor) => {
      const { values } = tensor("inverseFrequency");
      let offset = 0;
      return {
        fields: fields.map((field) => {
          const inverseFrequency = values.slice(offset, offset + field.terms.length);
          offset += field.terms.length;
          return { ...field, inverseFrequency };
        }),
        projection: tensor("projection"),
      };
    },
  },
};

function rowOfAll(parts: readonly Float32Array[]) {
  const values = Float32Array.from(parts.flatMap((part) => [...part]));
  return { rows: 1, columns: values.length, values };
}

/** "unknown brand" for each attribute of which training saw none of the item's categories. */
function unknownCategories({ fields }: FieldsSpace, { attributes }: Catalog, row: number): string[] {
  return attributes.flatMap((attribute) => {
    const space = fields.find(({ name }) => name === `attribute ${attribute.name}`);
    if (space?.kind !== "category" || attribute.kind !== "category" || space.share === 0) return [];
    const values = attribute.values[row];
    const isKnown = values.some((value) => isKnownLevel(space.terms, value));
    return values.length > 0 && !isKnown ? [`unknown ${attribute.name}`] : [];
  });
}
