/** Rules `allow` and `block`: items that somebody named, in the file or one by one. */
import { columnOption, fileOption, itemsOption, ruleSchema, strictOption } from "../common-options.ts";
import { findItems } from "../files/item-ids.ts";
import type { RuleKind } from "../rule-kind.ts";

const named = { items: itemsOption.optional(), file: fileOption.optional(), column: columnOption };

const namesSome = ({ items = [], file }: { readonly items?: readonly string[]; readonly file?: string }) =>
  items.length > 0 || file !== undefined;

const message = "expected items, or a file of them, received neither";

const allowSchema = ruleSchema("allow", { ...named, strict: strictOption }).refine(namesSome, message);
const blockSchema = ruleSchema("block", named).refine(namesSome, message);

export const allowRule: RuleKind<typeof allowSchema> = {
  name: "allow",
  schema: allowSchema,
  purpose: "Only the named items.",
  givesWay: true,
  prepare: async (options, world) => {
    const { flags, notes } = await findItems(options, world);
    return { effect: { allow: flags }, notes };
  },
};

export const blockRule: RuleKind<typeof blockSchema> = {
  name: "block",
  schema: blockSchema,
  purpose: "None of the named items.",
  givesWay: false,
  prepare: async (options, world) => {
    const { flags, notes } = await findItems(options, world);
    return { effect: { allow: flags.map((flag) => 1 - flag) }, notes };
  },
};
