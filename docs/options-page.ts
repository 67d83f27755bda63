/** Every option of the pipeline file, from the JSON Schema that editors use: name, type, default, meaning. */
import { pipelineJsonSchema } from "../src/config.ts";
import { tableOf } from "./markdown.ts";

/** The parts of JSON Schema that the options use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

interface Option {
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** What to look at before anything else, and when to change it. */
const first: readonly (readonly [string, string])[] = [
  [
    "data.interactions.eventWeights",
    "your file has events of different worth, such as views and purchases; only ratios matter",
  ],
  ["data.items.attributes", "your catalog knows a brand, a category or a price"],
  ["features.text.encoder", "your texts are not English, or a larger encoder is on the machine"],
  ["features.image.encoder", "your pictures tell things apart that the small built-in encoder does not see"],
  ["features.lexical.dimension", "your texts are rich in exact words, such as part numbers or ingredients"],
  ["collaborative.rank", "you have few interactions (lower) or very many (higher)"],
  [
    "collaborative.regularization",
    "lists of users with few interactions look like chance (higher) or all alike (lower)",
  ],
  ["collaborative.unobservedWeight", "users take a small part of what they like (lower), or most of it (higher)"],
  ["regressor.kind", "cold items matter and you can wait: `auto` tries every kind"],
  ["embeddings.tail", "you know how much room tail items shall have; `auto` chooses by validation"],
];

/** Kinds of rules have a page of their own. */
const toldElsewhere = /^evaluation\.rules\[\]/;

/** The leading words of each part. */
const parts = ["data", "features", "collaborative", "regressor", "embeddings", "evaluation"];

export function optionsPage(): string {
  const schema = pipelineJsonSchema() as Schema;
  const options = optionsOf(schema, "");
  const sections = parts.map((part) => sectionOf(part, options));
  const top = options.filter(({ path }) => !path.includes("."));
  return `# Options

All options of the pipeline file. This page is generated from the schemas that check the file, by \`npm run docs\`. An unknown key
is an error that names the nearest known one. \`pipelineJsonSchema()\` gives the JSON Schema for your editor.

## Change these first

${tableOf(
  ["option", "default", "change it when"],
  first.map(([path, when]) => firstRow(find(options, path), when)),
)}

\`tailrec tune\` searches the numeric ones for your data. The kinds of \`rules\` have [a page of their own](rules.md).

## The file

${tableOf(
  ["option", "type", "default", "meaning"],
  top.map((option) => rowOf(option, option.path)),
)}

${sections.join("\n\n")}
`;
}

/** The paths marked as first, for the test. */
export const firstOptions: readonly string[] = first.map(([path]) => path);

/** Name, type, default and meaning of every option of a schema. */
export function optionRows(schema: Schema): string[][] {
  return optionsOf(schema, "").map((option) => rowOf(option, option.path));
}

function sectionOf(part: string, options: readonly Option[]): string {
  const inside = options.filter(({ path }) => path.startsWith(`${part}.`) && !toldElsewhere.test(path));
  const rows = inside.map((option) => rowOf(option, option.path.slice(part.length + 1)));
  const { schema } = find(options, part);
  return `## ${part}\n\n${sentence(schema.description ?? "")}\n\n${tableOf(["option", "type", "default", "meaning"], rows)}`;
}

function find(options: readonly Option[], path: string): Option {
  const found = options.find((option) => option.path === path);
  if (found === undefined) throw new Error(`docs/options-page.ts names ${path}, which the pipeline file does not know`);
  return found;
}

/** Depth first, parents before their children; looks through alternatives and lists. */
function optionsOf(schema: Schema, path: string): Option[] {
  const children = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const childPath = path === "" ? key : `${path}.${key}`;
    const isRequired = schema.required?.includes(key) === true;
    return [{ path: childPath, schema: child, isRequired }, ...optionsOf(child, childPath)];
  });
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((one) => optionsOf(one, path));
  return [...children, ...alternatives, ...(schema.items === undefined ? [] : optionsOf(schema.items, `${path}[]`))];
}

function rowOf({ path, schema, isRequired }: Option, name: string): string[] {
  const written = firstOptions.includes(path) ? `**\`${name}\`**` : `\`${name}\``;
  return [written, typeOf(schema), isRequired ? "required" : defaultOf(schema), schema.description ?? ""];
}

function firstRow({ path, schema }: Option, when: string): string[] {
  return [`\`${path}\``, defaultOf(schema), when];
}

/** In words: "one of a, b", "integer of at least 1", "list of numbers", "text or null". */
function typeOf(schema: Schema): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(" or ");
  if (schema.type === undefined && schema.enum === undefined && schema.const === undefined) return "any value";
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (Array.isArray(schema.type)) return schema.type.map(nameOf).join(" or ");
  if (schema.type === "array") return `list of ${schema.items === undefined ? "values" : typeOf(schema.items)}`;
  if (schema.type === "object" && typeof schema.additionalProperties === "object")
    return `names with ${typeOf(schema.additionalProperties)}`;
  return `${nameOf(String(schema.type))}${limitsOf(schema)}`;
}

function nameOf(type: string): string {
  return type === "string" ? "text" : type === "object" ? "part" : type;
}

function limitsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const isOpen = (limit: number | undefined) => limit === undefined || Math.abs(limit) === Number.MAX_SAFE_INTEGER;
  const limits = [
    ...(isOpen(minimum) ? [] : [`≥ ${minimum}`]),
    ...(isOpen(exclusiveMinimum) ? [] : [`> ${exclusiveMinimum}`]),
    ...(isOpen(maximum) ? [] : [`≤ ${maximum}`]),
    ...(isOpen(exclusiveMaximum) ? [] : [`< ${exclusiveMaximum}`]),
  ];
  return limits.length === 0 ? "" : ` ${limits.join(", ")}`;
}

function defaultOf(schema: Schema): string {
  return schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
