/** Rule `cap`: so many items of one brand, category or whatever else an attribute tells, in one list. */
import { z } from "zod";
import { categoryNamed } from "../attributes.ts";
import { attributeOption, ruleSchema, strictOption } from "../common-options.ts";
import type { RuleKind } from "../rule-kind.ts";

const schema = ruleSchema("cap", {
  attribute: attributeOption,
  maximum: z.int().positive().describe("most items of one value in a list; items without a value are not counted"),
  strict: strictOption,
});

export const capRule: RuleKind<typeof schema> = {
  name: "cap",
  schema,
  purpose: "At most so many items of one brand, category or other attribute in a list.",
  givesWay: true,
  about: ({ attribute, maximum }) => `${maximum} a ${attribute}`,
  prepare: ({ attribute, maximum }, { catalog }) => {
    const { values } = categoryNamed(catalog, attribute, "cap");
    return { effect: { cap: { keysOf: (row) => values[row], maximum } } };
  },
};
