/**
 * Experiments on lists: named variants with shares, given to users by a salted hash, so that a user keeps a variant and two
 * experiments do not share their halves.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { rulesSchema } from "../rules/rule-kinds.ts";

const variantSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,60}$/, "expected letters, digits, dots, dashes"),
  share: z.number().positive().describe("relative to the shares of the other variants"),
  model: z.enum(["hybrid", "als", "content", "popularity"]).default("hybrid").describe("what makes the lists"),
  tail: z.number().min(0).max(1).optional().describe("the tail dial; the request's or the bundle's own when absent"),
  newPlaces: z.number().min(0).max(1).optional().describe("share of places for new items; the request's when absent"),
  bundle: z
    .string()
    .min(1)
    .optional()
    .describe(
      "folder of another bundle that makes the lists, from the folder of this file; the served one when absent",
    ),
  rules: rulesSchema.optional().describe("in place of the bundle's own; for the hybrid"),
});

export const experimentSchema = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,60}$/, "expected letters, digits, dots, dashes"),
    salt: z.string().min(1).describe("changes who gets what; a new experiment takes a new one"),
    variants: z.array(variantSchema).min(2).describe("the first is what the others are compared with"),
    interleave: z
      .boolean()
      .default(false)
      .describe("both of two variants in one list by team draft, in place of one variant a user"),
    effect: z.number().positive().default(0.01).describe("difference in click-through that one looks for"),
  })
  .superRefine(({ variants, interleave }, context) => {
    const names = variants.map(({ name }) => name);
    if (new Set(names).size < names.length)
      context.addIssue({ code: "custom", path: ["variants"], message: "expected distinct names" });
    for (const [i, { model, rules }] of variants.entries()) {
      if (model !== "hybrid" && rules !== undefined)
        context.addIssue({ code: "custom", path: ["variants", i, "rules"], message: "expected rules with the hybrid" });
    }
    if (interleave && variants.length !== 2)
      context.addIssue({ code: "custom", path: ["interleave"], message: "expected two variants" });
  });

export type Experiment = z.output<typeof experimentSchema>;
export type Variant = Experiment["variants"][number];

/** In [0, 1), the same for the same words. */
export function hashShare(...words: readonly string[]): number {
  return createHash("sha256").update(JSON.stringify(words)).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** The variant of a user. */
export function variantOf({ salt, variants }: Experiment, user: string): Variant {
  const total = variants.reduce((sum, { share }) => sum + share, 0);
  let left = hashShare(salt, user) * total;
  for (const variant of variants) {
    left -= variant.share;
    if (left < 0) return variant;
  }
  return variants[variants.length - 1];
}
