/** Rules `new-places` and `tail-places`: a share of the places, evenly spread, for new items or for those of little support. */
import { z } from "zod";
import { itemSupport } from "../../data/interactions.ts";
import { ruleSchema, shareOption } from "../common-options.ts";
import type { RuleKind } from "../rule-kind.ts";

const share = shareOption.describe(
  "share of the places that is kept, evenly spread: of the first n, n times the share",
);

const newSchema = ruleSchema("new-places", { share });

export const newPlacesRule: RuleKind<typeof newSchema> = {
  name: "new-places",
  schema: newSchema,
  purpose: "Places that are kept for new items: nobody has met them, or they were first seen in the latest tenth.",
  givesWay: false,
  about: ({ share }) => String(share),
  prepare: ({ share }, { newItems }) => ({ effect: { places: { flags: newItems(), share } } }),
};

const tailSchema = ruleSchema("tail-places", {
  share,
  maximum: z.int().min(0).default(10).describe("largest support of an item of the tail"),
});

export const tailPlacesRule: RuleKind<typeof tailSchema> = {
  name: "tail-places",
  schema: tailSchema,
  purpose: "Places that are kept for items with few interactions.",
  givesWay: false,
  about: ({ share }) => String(share),
  prepare: ({ share, maximum }, { interactions }) => {
    const flags = Uint8Array.from(itemSupport(interactions), (support) => Number(support <= maximum));
    return { effect: { places: { flags, share } } };
  },
};
