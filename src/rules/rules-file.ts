/** Rules in a file of their own, YAML or JSON: the list that a pipeline has under `rules:`, or a document with that key. */
import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { TailrecError } from "../errors.ts";
import { readError } from "../file-errors.ts";
import { describeIssues } from "../options.ts";
import { parseYaml } from "../yaml.ts";
import { type Rule, rulesSchema } from "./rule-kinds.ts";

/** The rules, their files found from the folder of this one. FILE_NOT_FOUND, UNREADABLE_INPUT, INVALID_OPTIONS with line and key. */
export async function loadRules(path: string): Promise<readonly Rule[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw readError(`rules file ${path}`, cause);
  });
  if (!isUtf8(bytes))
    throw new TailrecError("UNREADABLE_INPUT", `rules file ${path} is not UTF-8 text; save it as UTF-8`);
  return locateRules(parseRules(bytes.toString("utf8").replace(/^\ufeff/, ""), path), dirname(resolve(path)));
}

/** As `loadRules`, from text, with files as they are written; `file` opens the messages. */
export function parseRules(text: string, file: string): readonly Rule[] {
  const source = parseYaml(text, file);
  const under = isDocument(source.value) ? ["rules"] : [];
  const value = isDocument(source.value) ? source.value.rules : source.value;
  if (!Array.isArray(value)) {
    throw new TailrecError(
      "INVALID_OPTIONS",
      `${file}: expected a list of rules, such as - { kind: available, file: stock.txt }`,
    );
  }
  const parsed = rulesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { shown, more } = describeIssues(parsed.error.issues, rulesSchema, value);
  const lines = shown.map(({ path, message }) => `${file}:${source.lineOf([...under, ...path])}: ${message}`);
  if (more > 0) lines.push(`${file}: and ${more} more`);
  throw new TailrecError("INVALID_OPTIONS", lines.join("\n"), { cause: parsed.error });
}

function isDocument(value: unknown): value is { readonly rules: unknown } {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "rules";
}

/** The rules with their files named from anywhere: relative paths start at `folder`. */
export function locateRules(rules: readonly Rule[], folder: string): Rule[] {
  return rules.map((rule) =>
    "file" in rule && rule.file !== undefined ? { ...rule, file: resolve(folder, rule.file) } : rule,
  );
}
