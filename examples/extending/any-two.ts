/** A protocol: two interactions of every user are hidden, whichever they are, and asked for. */
import { measureUsers, type Protocol, type Split, splitsForUsers, splitWarmTail } from "tailrec";
import { z } from "zod";

const options = z.strictObject({ seed: z.int().default(9).describe("seed of the choice") });
type Options = z.output<typeof options>;

export const anyTwo: Protocol<Options, Split> = {
  name: "any-two",
  option: "anyTwo",
  schema: () => options.nullable().default(null).describe("hide two interactions of each user at random"),
  splits: {
    option: "anyTwo",
    repeated: true,
    split: (interactions, { seed }: Options) => {
      const split = splitWarmTail(interactions, { kind: "random", count: 2, seed });
      return { ...split, description: { ...split.description, kind: "any-two" } };
    },
    // No model may train on this, and no tuning either.
    heldOut: ({ test }) => test,
  },
  asks: "users",
  measure: (run, context) => measureUsers(run, { curves: [] }, context),
  words: () => ({
    title: "Any two of them",
    purpose: "Two interactions of every user are hidden, whichever they are.",
    headline: { slice: "all", candidates: "catalog" },
  }),
  files: splitsForUsers,
};
