/** Rule `available`: what is in stock, by a file of ids that may change every hour, or by an attribute of the items. */
import { z } from "zod";
import type { Attribute } from "../../data/catalog.ts";
import { attributeNamed, refused, unusedValues } from "../attributes.ts";
import { attributeOption, columnOption, fileOption, ruleSchema } from "../common-options.ts";
import { findItems } from "../files/item-ids.ts";
import type { RuleKind, RulePreparation } from "../rule-kind.ts";

const schema = ruleSchema("available", {
  file: fileOption.optional(),
  column: columnOption,
  attribute: attributeOption.optional(),
  values: z.array(z.string()).min(1).optional().describe("values of the attribute, a category, that mean in stock"),
  minimum: z.number().default(1).describe("smallest number in stock, where the attribute is a number"),
}).refine(({ file, attribute }) => (file === undefined) !== (attribute === undefined), {
  message: "expected a file of the ids in stock, or an attribute that tells; received both, or neither",
});

export const availableRule: RuleKind<typeof schema> = {
  name: "available",
  schema,
  purpose: "Only items in stock.",
  givesWay: false,
  prepare: async ({ file, column, attribute, values, minimum }, world) => {
    if (attribute !== undefined) {
      return byAttribute(
        attributeNamed(world.catalog, attribute, "available"),
        values,
        minimum,
        world.catalog.ids.length,
      );
    }
    const { flags, notes } = await findItems({ file, column }, world);
    return { effect: { allow: flags }, notes };
  },
};

function byAttribute(
  attribute: Attribute,
  values: readonly string[] | undefined,
  minimum: number,
  items: number,
): RulePreparation {
  if (attribute.kind !== "category") {
    const allow = Uint8Array.from({ length: items }, (_, row) => Number(attribute.values[row] >= minimum));
    return { effect: { allow } };
  }
  if (values === undefined) throw refused("available", `name the \`values\` of "${attribute.name}" that mean in stock`);
  const wanted = new Set(values);
  const allow = Uint8Array.from(attribute.values, (own) => Number(own.some((value) => wanted.has(value))));
  return { effect: { allow }, notes: unusedValues(attribute, values) };
}
