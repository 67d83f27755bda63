/**
 * The fields block: title, description and every attribute, each as sparse rows with all its levels, weighted by what it tells of
 * behaviour (`fields/`). Methods that work by inner products read the rows themselves, the others their projection.
 */
import { z } from "zod";
import type { Catalog } from "../../data/catalog.ts";
import { lowerBound } from "../../math/lower-bound.ts";
import type { BlockKind } from "../block-kind.ts";
import { type Field, fieldsOf, isNumber, termsAt } from "../fields/field-kinds.ts";
import { fieldWidth } from "../fields/field-space.ts";
import { applyFields, type FieldsSpace, fitFields, fitFieldValues, keptEnergy } from "../fields/fields-space.ts";
import { itemText } from "../item-text.ts";
import { hasAttribute } from "./attribute-columns.ts";
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
        'parts of single fields in the likeness of two items, by name ("title", "title characters", "attribute brand"); the others are learnt',
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
      kind: z.enum(["text", "characters", "category", "number", "price"]),
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
  hasInput: (catalog, row) => itemText(catalog, row) !== "" || hasAttribute(catalog, row),
  fit: ({ encoded: _, ...input }, rows, options) => fitFields({ ...input, rows }, options),
  fitValues: ({ encoded: _, ...input }, rows, options) => fitFieldValues({ ...input, rows }, options),
  columns: ({ projection }) => projection.columns,
  isNested: true,
  isReduced: true,
  reduction: ({ projection }) => projection,
  apply: (space, { catalog }) => applyFields(space, catalog),
  parts: ({ fields }) => fields.map((field) => ({ name: field.name, share: field.share, terms: fieldWidth(field) })),
  origin: async (space, { catalog }, rows) => ({
    source: space.fields.map(({ name, share }) => `${name} ${(100 * share).toFixed(0)}%`).join(", "),
    sourceDimension: space.projection.rows,
    explainedVariance: keptEnergy(await applyFields(space, catalog), rows),
  }),
  caveats: doubtsOf,
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

/** A field that tells less of an item's likeness is not missed. */
const MISSED_SHARE = 0.05;

/** "no description" for a field that the item lacks, "unknown brand" or "no known word in title" where training saw none. */
function doubtsOf({ fields }: FieldsSpace, catalog: Catalog, row: number): string[] {
  const given = new Map(fieldsOf(catalog).map((field) => [field.name, field]));
  return fields.flatMap((space) => doubtOf(space, given.get(space.name), row) ?? []);
}

function doubtOf(space: FieldsSpace["fields"][number], field: Field | undefined, row: number): string | undefined {
  // The words of the same text say it.
  if (space.kind === "characters") return undefined;
  const name = space.name.replace(/^attribute /, "");
  const lacks = space.share >= MISSED_SHARE ? `no ${name}` : undefined;
  if (field === undefined || field.kind !== space.kind) return lacks;
  if (isNumber(field)) return Number.isFinite(field.values[row]) ? undefined : lacks;
  const terms = termsAt(field, row);
  if (terms.length === 0) return lacks;
  const isKnown = terms.some((term) => space.terms[lowerBound(space.terms, term)] === term);
  if (isKnown || space.share === 0) return undefined;
  return field.kind === "text" ? `no known word in ${name}` : `unknown ${name}`;
}
