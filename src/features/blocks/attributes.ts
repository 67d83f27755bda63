/** The attribute block: numbers, prices and categories of items as columns (`attribute-columns.ts`). */
import { z } from "zod";
import type { Catalog } from "../../data/catalog.ts";
import type { BlockKind } from "../block-kind.ts";
import {
  type AttributeSpace,
  applyAttributes,
  attributeDimension,
  fitAttributes,
  hasAttribute,
  isKnownCategory,
} from "./attribute-columns.ts";
import { weight, whitening } from "./shared-options.ts";

const schema = z
  .strictObject({
    minimumCount: z.int().positive().default(2).describe("category levels on fewer training items are left out"),
    maximumLevels: z
      .int()
      .positive()
      .default(500)
      .describe("of more levels of one attribute, the most frequent are kept"),
    poolRare: z
      .boolean()
      .default(false)
      .describe(
        "give one column an attribute to items of which no level is kept: rare and new brands have that in common",
      ),
    missingNumbers: z
      .enum(["mean", "column"])
      .default("mean")
      .describe("a missing number counts as the mean; column: a column an attribute says so too"),
    weight,
    whitening,
  })
  .nullable()
  .prefault({})
  .describe("numbers, prices and categories");

/** Bundles of tailrec 0.1.0 do not say. */
const absent = z.boolean().default(false);

/** Schema of the columns of one attribute in a bundle. */
export const attributeSpaceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("category"), name: z.string(), levels: z.array(z.string()), pooled: absent }),
  z.strictObject({
    kind: z.enum(["number", "price"]),
    name: z.string(),
    mean: z.number(),
    deviation: z.number(),
    missing: absent,
  }),
]);

export const attributesBlock: BlockKind<"attributes", typeof schema, readonly AttributeSpace[]> = {
  name: "attributes",
  schema,
  words: { plural: "attributes", missing: () => "no attributes" },
  hasInput: hasAttribute,
  fit: ({ catalog }, rows, options) => fitAttributes(catalog, rows, options),
  columns: attributeDimension,
  apply: (spaces, { catalog }) => applyAttributes(spaces, catalog),
  origin: (spaces) => ({
    source: spaces.map(({ name }) => name).join(", "),
    sourceDimension: attributeDimension(spaces),
    explainedVariance: 1,
  }),
  caveats: unknownCategories,
  storage: {
    document: z.array(attributeSpaceSchema),
    save: (spaces) => ({ document: spaces, tensors: {} }),
    load: (spaces) => spaces,
  },
};

/** "unknown brand" for each attribute of which training saw none of the item's categories. */
function unknownCategories(spaces: readonly AttributeSpace[], catalog: Catalog, row: number): string[] {
  return spaces.flatMap((space) => {
    if (space.kind !== "category") return [];
    const given = catalog.attributes.find(({ name, kind }) => name === space.name && kind === "category");
    const values = given?.kind === "category" ? given.values[row] : [];
    return values.length > 0 && !values.some((value) => isKnownCategory(space, value)) ? [`unknown ${space.name}`] : [];
  });
}
