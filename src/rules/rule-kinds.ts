/** The registry of rules: what the schema of a pipeline, the reference in the docs and the preparation ask. */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import { nearestName } from "../options.ts";
import { contradictions } from "./contradictions.ts";
import { availableRule } from "./kinds/available.ts";
import { boundaryRule } from "./kinds/boundary.ts";
import { capRule } from "./kinds/cap.ts";
import { categoryRule } from "./kinds/category.ts";
import { diversityRule } from "./kinds/diversity.ts";
import { explorationRule } from "./kinds/exploration.ts";
import { filterRule } from "./kinds/filter.ts";
import { lessLikeRule } from "./kinds/less-like.ts";
import { allowRule, blockRule } from "./kinds/named-items.ts";
import { newPlacesRule, tailPlacesRule } from "./kinds/places.ts";
import { priceBandRule } from "./kinds/price-band.ts";
import { ageRule, supportRule } from "./kinds/support-and-age.ts";
import { frequencyRule, seenRule } from "./kinds/user-history.ts";
import type { RuleKind } from "./rule-kind.ts";

/** In the order of the reference: what may be listed, then how lists are arranged. */
export const ruleKinds = [
  filterRule,
  availableRule,
  allowRule,
  blockRule,
  categoryRule,
  priceBandRule,
  supportRule,
  ageRule,
  boundaryRule,
  seenRule,
  frequencyRule,
  capRule,
  diversityRule,
  newPlacesRule,
  tailPlacesRule,
  explorationRule,
  lessLikeRule,
] as const;

const [first, ...others] = ruleKinds.map(({ schema }) => schema);

/** One rule, of any kind. */
export const ruleSchema = z.discriminatedUnion("kind", [first, ...others], {
  error: ({ input }) => unknownKind(input),
});

function unknownKind(input: unknown): string {
  const names = ruleKinds.map(({ name }) => name);
  const isRecord = typeof input === "object" && input !== null && "kind" in input;
  const near = isRecord && typeof input.kind === "string" ? nearestName(input.kind, names) : undefined;
  const received = isRecord ? `received ${JSON.stringify(input.kind)}` : "received none";
  return `expected a rule with a kind, ${received}; ${near === undefined ? `known kinds: ${names.join(", ")}` : `did you mean "${near}"?`}`;
}

/** The rules of a shop, in any order: `rules:` of a pipeline, a rules file, or a value of a program. */
export const rulesSchema = z.array(ruleSchema).superRefine((rules, context) => {
  for (const { path, message } of contradictions(rules)) context.addIssue({ code: "custom", path: [...path], message });
});

export type RuleInput = z.input<typeof ruleSchema>;
export type Rule = z.output<typeof ruleSchema>;

/** The kind of a parsed rule. */
export function kindOfRule(rule: Rule): RuleKind {
  const kind: RuleKind | undefined = ruleKinds.find(({ name }) => name === rule.kind);
  if (kind !== undefined) return kind;
  throw new TailrecError("INTERNAL", `no kind of rule is called "${rule.kind}"`);
}
