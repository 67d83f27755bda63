/** Rule `filter`: what a filter on attributes leaves. */
import { z } from "zod";
import { ruleSchema, strictOption } from "../common-options.ts";
import { parseFilter } from "../filter-language.ts";
import { filterMask } from "../filter-mask.ts";
import type { RuleKind } from "../rule-kind.ts";

/** A filter as it is written: `{"price": {"$lt": 50}}`. Every problem at its path. */
export const filterSchema = z.record(z.string(), z.unknown()).superRefine((input, context) => {
  const parsed = parseFilter(input);
  if ("filter" in parsed) return;
  for (const { path, message } of parsed.problems) context.addIssue({ code: "custom", path: [...path], message });
});

const schema = ruleSchema("filter", {
  where: filterSchema.describe('what attributes must be, as {"price": {"$lt": 50}}'),
  strict: strictOption,
});

export const filterRule: RuleKind<typeof schema> = {
  name: "filter",
  schema,
  purpose: "Only items whose attributes satisfy a filter.",
  givesWay: true,
  about: ({ where }) => JSON.stringify(where),
  prepare: ({ where }, { catalog }) => {
    const parsed = parseFilter(where);
    if (!("filter" in parsed)) return { effect: {} };
    const { flags, notes } = filterMask(parsed.filter, catalog, "filter");
    return { effect: { allow: flags }, notes };
  },
};
