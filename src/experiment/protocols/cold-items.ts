/** Cold items: a share of the items loses every interaction, and whoever had met one should find it near the top. */
import type { z } from "zod";
import { coldItemsOptionsSchema, type Split, splitColdItems } from "../../data/splits/split.ts";
import type { Protocol } from "../measurement/protocol.ts";
import { measureUsers, splitsForUsers } from "../measurement/users-measurement.ts";

export const coldItems = {
  name: "cold-items",
  option: "coldItems",
  schema: () =>
    coldItemsOptionsSchema
      .nullable()
      .prefault({})
      .describe("hide all interactions of a share of the items and rank them; null to leave out"),
  splits: {
    option: "coldItems",
    repeated: true,
    split: splitColdItems,
    heldOut: ({ test }) => test,
  },
  asks: "users",
  asksColdItems: true,
  measure: (run, context) => measureUsers(run, { curves: ["length"] }, context),
  words: () => ({
    title: "Cold items",
    purpose:
      "A share of the items loses every interaction. Whoever had met one of them should find it near the top, by content alone.",
    headline: { slice: "cold", candidates: "slice" },
  }),
  files: splitsForUsers,
} as const satisfies Protocol<z.output<typeof coldItemsOptionsSchema>, Split>;
