/**
 * Rule `boundary`: worlds that a list may not mix, such as children's and adults' products. Whose history lies on one side is shown that
 * side and what belongs to none; whose history lies on several, or on none, is not limited.
 */
import { z } from "zod";
import type { CategoryAttribute } from "../../data/catalog.ts";
import { categoryNamed, flagsWhere, unusedValues } from "../attributes.ts";
import { attributeOption, ruleSchema } from "../common-options.ts";
import type { Limit, ListOwner, RuleKind } from "../rule-kind.ts";

const schema = ruleSchema("boundary", {
  attribute: attributeOption,
  sides: z
    .record(z.string(), z.array(z.string()).min(1))
    .refine((sides) => Object.keys(sides).length >= 2, "expected at least two sides")
    .describe("attribute values of each side"),
}).superRefine(({ sides }, context) => {
  const values = Object.values(sides).flat();
  const twice = values.find((value, at) => values.indexOf(value) < at);
  if (twice === undefined) return;
  context.addIssue({ code: "custom", path: ["sides"], message: `"${twice}" stands on two sides; leave one out` });
});

export const boundaryRule: RuleKind<typeof schema> = {
  name: "boundary",
  schema,
  purpose: "No item of another side than the item's or the user's own.",
  givesWay: false,
  about: ({ attribute }) => attribute,
  prepare: ({ attribute, sides }, { catalog }) => {
    const category = categoryNamed(catalog, attribute, "boundary");
    const sideOf = sidesOf(category, Object.values(sides));
    const notes = unusedValues(category, Object.values(sides).flat());
    return { effect: { limit: (owner: ListOwner) => limitOf(sideOf, owner) }, notes };
  },
};

/** Per item, the places of the sides that it belongs to. */
function sidesOf({ values }: CategoryAttribute, sides: readonly (readonly string[])[]): readonly (readonly number[])[] {
  return values.map((own) =>
    sides.flatMap((side, place) => (side.some((value) => own.includes(value)) ? [place] : [])),
  );
}

function limitOf(sideOf: readonly (readonly number[])[], { history }: ListOwner): Limit | undefined {
  const own = new Set(Array.from(history, (row) => sideOf[row]).flat());
  if (own.size !== 1) return undefined;
  const [side] = own;
  const allows = (row: number) => sideOf[row].every((other) => other === side);
  return { key: String(side), allows, flags: () => flagsWhere(sideOf.length, allows) };
}
