/** Rule `price-band`: prices within a band around that of the item that is asked about, or around the median of what the user took. */
import { z } from "zod";
import { quantile } from "../../math/statistics.ts";
import { flagsWhere, numberNamed } from "../attributes.ts";
import { attributeOption, ruleSchema, strictOption } from "../common-options.ts";
import type { Limit, ListOwner, RuleKind } from "../rule-kind.ts";

const schema = ruleSchema("price-band", {
  attribute: attributeOption.default("price"),
  from: z.number().min(0).default(0.5).describe("smallest price, as a multiple of the item's or of the user's median"),
  to: z.number().positive().default(2).describe("largest price, likewise"),
  strict: strictOption,
}).refine(({ from, to }) => from <= to, { message: "expected from at most as large as to", path: ["from"] });

export const priceBandRule: RuleKind<typeof schema> = {
  name: "price-band",
  schema,
  purpose: "Only items of a similar price. Items without a price are left out where a price is known to compare with.",
  givesWay: true,
  prepare: ({ attribute, from, to }, { catalog }) => {
    const { values } = numberNamed(catalog, attribute, "price-band");
    return { effect: { limit: (owner: ListOwner) => bandOf(values, owner, from, to) } };
  },
};

function bandOf(values: Float64Array, { history }: ListOwner, from: number, to: number): Limit | undefined {
  const known = Float64Array.from(history, (row) => values[row]).filter((price) => Number.isFinite(price));
  if (known.length === 0) return undefined;
  const price = quantile(known.sort(), 0.5);
  const [lowest, highest] = [from * price, to * price];
  const allows = (row: number) => values[row] >= lowest && values[row] <= highest;
  return { key: String(price), allows, flags: () => flagsWhere(values.length, allows) };
}
