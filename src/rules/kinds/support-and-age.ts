/** Rules `support` and `age`: items that enough people took, or that have been seen for long enough, or not for too long. */
import { z } from "zod";
import { itemSupport } from "../../data/interactions.ts";
import { firstSeen } from "../../data/recent-items.ts";
import { refused } from "../attributes.ts";
import { ruleSchema, strictOption } from "../common-options.ts";
import type { RuleKind } from "../rule-kind.ts";

const ordered = ({ minimum, maximum }: { readonly minimum: number; readonly maximum?: number }) =>
  maximum === undefined || minimum <= maximum;

const unordered = { message: "expected minimum at most as large as maximum", path: ["minimum"] };

const supportSchema = ruleSchema("support", {
  minimum: z.int().min(0).default(0).describe("fewest interactions"),
  maximum: z.int().min(0).optional().describe("most interactions"),
  strict: strictOption,
}).refine(ordered, unordered);

export const supportRule: RuleKind<typeof supportSchema> = {
  name: "support",
  schema: supportSchema,
  purpose: "Only items with enough interactions, or with not too many.",
  givesWay: true,
  prepare: ({ minimum, maximum = Number.POSITIVE_INFINITY }, { interactions }) => {
    const support = itemSupport(interactions);
    return { effect: { allow: Uint8Array.from(support, (count) => Number(count >= minimum && count <= maximum)) } };
  },
};

const SECONDS_A_DAY = 86_400;

const ageSchema = ruleSchema("age", {
  minimum: z.number().min(0).default(0).describe("fewest days since an item was first seen"),
  maximum: z.number().min(0).optional().describe("most days; items that nobody has met are of age 0"),
  strict: strictOption,
}).refine(ordered, unordered);

export const ageRule: RuleKind<typeof ageSchema> = {
  name: "age",
  schema: ageSchema,
  purpose: "Only items first seen long enough ago, or not too long, counted back from the latest interaction.",
  givesWay: true,
  prepare: ({ minimum, maximum = Number.POSITIVE_INFINITY }, { interactions }) => {
    if (interactions.times === undefined) throw refused("age", "the interactions have no times; use kind: support");
    const support = itemSupport(interactions);
    const seen = firstSeen(interactions);
    const known = interactions.times.filter((time) => !Number.isNaN(time));
    const latest = known.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY);
    const allow = Uint8Array.from(support, (count, row) => {
      const days = count === 0 ? 0 : (latest - seen[row]) / SECONDS_A_DAY;
      return Number(days >= minimum && days <= maximum);
    });
    return { effect: { allow } };
  },
};
