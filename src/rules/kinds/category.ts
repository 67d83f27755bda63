/** Rule `category`: items that share a category with the item that is asked about, or with what the user took; or that share none. */
import { z } from "zod";
import type { CategoryAttribute } from "../../data/catalog.ts";
import { categoryNamed } from "../attributes.ts";
import { attributeOption, ruleSchema, strictOption } from "../common-options.ts";
import type { Limit, ListOwner, RuleKind } from "../rule-kind.ts";

const schema = ruleSchema("category", {
  attribute: attributeOption.default("category"),
  relation: z.enum(["same", "other"]).describe("same: one in common with the item or the user's own; other: none"),
  strict: strictOption,
});

export const categoryRule: RuleKind<typeof schema> = {
  name: "category",
  schema,
  purpose: "Only items of the same category, or only of another one, such as accessories beside a product.",
  givesWay: true,
  about: ({ attribute, relation }) => `${relation} ${attribute}`,
  prepare: ({ attribute, relation }, { catalog }) => {
    const { values } = categoryNamed(catalog, attribute, "category");
    const rowsOf = rowsByValue(values);
    const limit = (owner: ListOwner) => limitOf(values, rowsOf, owner, relation === "same" ? 1 : 0);
    return { effect: { limit } };
  },
};

function rowsByValue(values: CategoryAttribute["values"]): ReadonlyMap<string, readonly number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, own] of values.entries()) {
    for (const value of own) {
      const known = rows.get(value);
      if (known === undefined) rows.set(value, [row]);
      else known.push(row);
    }
  }
  return rows;
}

/** Who has no category is not limited. */
function limitOf(
  values: CategoryAttribute["values"],
  rowsOf: ReadonlyMap<string, readonly number[]>,
  { history }: ListOwner,
  wanted: 0 | 1,
): Limit | undefined {
  const own = new Set(Array.from(history, (row) => values[row]).flat());
  if (own.size === 0) return undefined;
  return {
    key: [...own].sort().join("\u0000"),
    allows: (row) => Number(values[row].some((value) => own.has(value))) === wanted,
    flags: () => {
      const flags = new Uint8Array(values.length).fill(1 - wanted);
      for (const value of own) for (const row of rowsOf.get(value) ?? []) flags[row] = wanted;
      return flags;
    },
  };
}
