/** Every rule and every operator of filters, from the registry that checks them: name, options, meaning. */
import { z } from "zod";
import { attributeOperators, filterOperators } from "../src/rules/filter-language.ts";
import type { RuleKind } from "../src/rules/rule-kind.ts";
import { ruleKinds } from "../src/rules/rule-kinds.ts";
import { tableOf } from "./markdown.ts";
import { optionRows, type Schema } from "./options-page.ts";

/** Options that every rule has, told once. */
const common: readonly string[] = ["kind", "name", "lists", "strict"];

export function rulesPage(): string {
  const kinds: readonly RuleKind[] = ruleKinds;
  const overview = kinds.map(({ name, purpose, givesWay }) => [
    `[\`${name}\`](#${name})`,
    purpose,
    givesWay ? "yes" : "",
  ]);
  return `# Rules

What a shop allows in its lists, and how it wants them arranged. [Serving](serving.md#rules) says where they are written. This page is
generated from the registry that checks them, by \`npm run docs\`. An unknown key is an error that names the nearest known one.

${tableOf(["rule", "what it does", "may give way"], overview)}

Masks come first: the best items are taken among what they leave. Then caps, diversity and kept places choose among several candidates
a place, and among all there are where that is too few. A rule that may give way does so under \`strict: false\`, its own or that of
the request. The fallback then fills the list under the other rules.

## Options of every rule

${tableOf(["option", "type", "default", "meaning"], commonRows(kinds))}

${kinds.map(sectionOf).join("\n\n")}

## Filters

A filter is JSON. Keys side by side all hold. A key is an attribute, \`id\`, or an operator over whole filters. A missing number satisfies
no comparison.

${tableOf(["operator beside an attribute", "holds where the attribute"], attributeOperators.map(coded))}

${tableOf(["operator over filters", "holds where the item"], filterOperators.map(coded))}
`;
}

function schemaOf(kind: RuleKind): Schema {
  return z.toJSONSchema(kind.schema, { io: "input" }) as Schema;
}

/** From a kind that has them all. */
function commonRows(kinds: readonly RuleKind[]): string[][] {
  const whole = kinds.find(({ givesWay }) => givesWay);
  const rows = whole === undefined ? [] : optionRows(schemaOf(whole));
  return common.slice(1).flatMap((name) => rows.filter(([path]) => path === `\`${name}\``));
}

function sectionOf(kind: RuleKind): string {
  const own = optionRows(schemaOf(kind)).filter(([path]) => !common.includes(path.replaceAll("`", "")));
  const people = kind.forUsers ? " For recommendations alone." : "";
  const table = own.length === 0 ? "" : `\n\n${tableOf(["option", "type", "default", "meaning"], own)}`;
  return `## ${kind.name}\n\n${kind.purpose}${people}${table}`;
}

function coded([operator, meaning]: readonly [string, string]): string[] {
  return [`\`${operator}\``, meaning];
}
