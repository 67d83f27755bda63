/** Options that requests for lists share: each has one meaning and one schema. */
import { z } from "zod";
import { filterSchema } from "../../rules/kinds/filter.ts";
import { rulesSchema } from "../../rules/rule-kinds.ts";

export const countOption = z.int().positive().default(10).describe("how many items to list");

export const tailOption = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .describe("0: popular items first, 1: no regard to popularity; the bundle's own where absent");

export const newPlacesOption = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .describe("share of a user's places that is kept for new items; 0 lists them where they rank");

/** What one list is to be like, beside the rules. */
export const wishOptions = {
  exclude: z
    .array(z.string())
    .max(1000)
    .readonly()
    .optional()
    .describe("ids that are not listed; unknown ones do nothing"),
  diversity: z.number().min(0).max(1).optional().describe("0: the order of the model, 1: items as unlike as can be"),
};

export const exploreOption = z
  .number()
  .min(0)
  .max(10)
  .optional()
  .describe(
    "how far scores are drawn from what the posterior believes, in standard deviations; not at all when absent",
  );

/** What may be listed, and what happens where that is too little. */
export const ruleOptions = {
  filter: filterSchema.optional().describe('what attributes of a listed item must be, as {"price": {"$lt": 50}}'),
  rules: rulesSchema.optional().describe("rules of the shop, in place of those that the bundle keeps"),
  strict: z
    .boolean()
    .default(true)
    .describe("false: where filter and rules leave fewer items than asked for, the fallback fills the list"),
};
