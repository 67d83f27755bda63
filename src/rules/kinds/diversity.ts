/**
 * Rule `diversity`: maximal marginal relevance (Carbonell and Goldstein 1998). Each place goes to the candidate with the largest
 * (1 - w) r - w max cos(item, listed item), r being its score on the scale 0..1 of all candidates.
 */
import { z } from "zod";
import { ruleSchema, shareOption } from "../common-options.ts";
import type { RuleKind } from "../rule-kind.ts";

const schema = ruleSchema("diversity", {
  weight: shareOption.default(0.3).describe("0: the order of the model; 1: items as unlike one another as can be"),
  by: z.enum(["content", "vectors"]).default("content").describe("likeness by content, or by the served vectors"),
});

export const diversityRule: RuleKind<typeof schema> = {
  name: "diversity",
  schema,
  purpose: "Lists whose items are less alike.",
  givesWay: false,
  about: ({ weight, by }) => `${weight} by ${by}`,
  prepare: ({ weight, by }, { contentDirections, directions }) => ({
    effect: { diversity: { weight, directions: by === "content" ? contentDirections() : directions() } },
  }),
};
