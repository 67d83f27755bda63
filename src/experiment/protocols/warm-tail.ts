/** Warm and tail items: some interactions of every user are hidden, and asked for by how often the item was met in training. */
import type { z } from "zod";
import { type Split, splitWarmTail, warmTailOptionsSchema } from "../../data/splits/split.ts";
import type { HeldOutOrder, Protocol } from "../measurement/protocol.ts";
import { measureUsers, splitsForUsers } from "../measurement/users-measurement.ts";

export const warmTail = {
  name: "warm-tail",
  option: "warmTail",
  schema: () =>
    warmTailOptionsSchema
      .nullable()
      .prefault({})
      .describe("hide some interactions of each user, measured by support; null to leave out"),
  splits: {
    option: "warmTail",
    repeated: true,
    isSeedless: ({ kind }: z.output<typeof warmTailOptionsSchema>) => kind === "time",
    split: splitWarmTail,
    heldOut: ({ test }) => test,
    order: orderOf,
  },
  asks: "users",
  measure: (run, context) => measureUsers(run, { curves: ["tail-dial", "length"] }, context),
  words: () => ({
    title: "Warm and tail items",
    purpose:
      "Some interactions of every user are hidden. The models rank what the user has not seen; slices are by how often the hidden item was met in training.",
    headline: { slice: "all", candidates: "catalog" },
  }),
  files: splitsForUsers,
} as const satisfies Protocol<z.output<typeof warmTailOptionsSchema>, Split>;

/** Which of a user's interactions the split holds out. */
export function orderOf({ description }: Split): HeldOutOrder {
  return description.order === "random" ? "random" : "latest";
}
