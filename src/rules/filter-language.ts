/**
 * Filters as JSON, in the words that document stores use: `{"brand": "Acme", "price": {"$gte": 10, "$lt": 50}}`. Keys side by side all
 * hold. Parsed once into a tree, with every problem at its path, so that a misspelt operator is never an attribute.
 */
import { nearestName } from "../options.ts";

export type Scalar = string | number | boolean;

/** Written form. Keys that begin with "$" are operators, all others are attributes or "id". */
export type FilterInput = { readonly [key: string]: unknown };

export type Filter =
  | { readonly of: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly of: "not"; readonly part: Filter }
  | { readonly of: "values"; readonly attribute: string; readonly values: readonly Scalar[] }
  | { readonly of: "number"; readonly attribute: string; readonly operator: Comparison; readonly limit: number }
  | { readonly of: "exists"; readonly attribute: string };

export const comparisons = ["$gt", "$gte", "$lt", "$lte"] as const;

export type Comparison = (typeof comparisons)[number];

/** Operators beside an attribute, in the order of the reference. */
export const attributeOperators: readonly (readonly [string, string])[] = [
  ["$eq", "is the value; of several categories, one is"],
  ["$ne", "is not the value; of several categories, none is"],
  ["$in", "is one of a list of values"],
  ["$nin", "is none of a list of values"],
  ["$gt", "is a larger number"],
  ["$gte", "is a number at least as large"],
  ["$lt", "is a smaller number"],
  ["$lte", "is a number at most as large"],
  ["$exists", "true: has a value; false: has none"],
  ["$not", "does not satisfy the operators inside"],
];

/** Operators over whole filters. */
export const filterOperators: readonly (readonly [string, string])[] = [
  ["$and", "satisfies every filter of a list"],
  ["$or", "satisfies one filter of a list"],
  ["$not", "does not satisfy the filter inside"],
];

export interface FilterProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The tree, or what is wrong with it. */
export type ParsedFilter = { readonly filter: Filter } | { readonly problems: readonly FilterProblem[] };

/** Filters in filters at most: what is deeper was written by a program gone wrong. */
const DEEPEST = 20;

/** Objects and lists of a filter, and its values: every condition is held against every item. */
const LARGEST = { conditions: 500, values: 10_000 };

export function parseFilter(input: unknown): ParsedFilter {
  if (isLarge(input)) {
    const message = `expected at most ${DEEPEST} levels of filters, ${LARGEST.conditions / 2} conditions and ${LARGEST.values} values; a longer list of ids is a file of a rule`;
    return { problems: [{ path: [], message }] };
  }
  const problems: FilterProblem[] = [];
  const filter = filterAt(input, [], problems);
  return problems.length > 0 || filter === undefined ? { problems } : { filter };
}

/** Counted without recursion: what is sent may be nested a million times. */
function isLarge(input: unknown): boolean {
  const waiting = [input];
  let [conditions, values] = [0, 0];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) values++;
    else {
      conditions++;
      for (const inside of Object.values(next)) waiting.push(inside);
    }
    if (conditions > LARGEST.conditions || values > LARGEST.values) return true;
  }
  return false;
}

function filterAt(input: unknown, path: readonly PropertyKey[], problems: FilterProblem[]): Filter | undefined {
  if (path.length > DEEPEST) return problem(problems, path, `expected at most ${DEEPEST} levels of filters`);
  if (!isRecord(input)) return problem(problems, path, `expected a filter such as {"brand": "Acme"}${received(input)}`);
  const entries = Object.entries(input);
  if (entries.length === 0) return problem(problems, path, "expected at least one attribute, received an empty filter");
  const parts = entries.map(([key, value]) => entryAt(key, value, [...path, key], problems));
  return together(parts);
}

function entryAt(
  key: string,
  value: unknown,
  path: readonly PropertyKey[],
  problems: FilterProblem[],
): Filter | undefined {
  if (!key.startsWith("$")) return conditionAt(key, value, path, problems);
  switch (key) {
    case "$not": {
      const part = filterAt(value, path, problems);
      return part && { of: "not", part };
    }
    case "$and":
    case "$or": {
      if (!Array.isArray(value) || value.length === 0)
        return problem(problems, path, `expected a list of filters${received(value)}`);
      const parts = value.map((one, at) => filterAt(one, [...path, at], problems));
      return together(parts, key === "$and" ? "and" : "or");
    }
    default:
      return unknownOperator(key, filterOperators, path, problems);
  }
}

function conditionAt(
  attribute: string,
  value: unknown,
  path: readonly PropertyKey[],
  problems: FilterProblem[],
): Filter | undefined {
  if (isScalar(value)) return { of: "values", attribute, values: [value] };
  if (!isRecord(value) || Object.keys(value).length === 0)
    return problem(problems, path, `expected a value, or operators such as {"$in": [...]}${received(value)}`);
  if (isEmptyRange(value)) return problem(problems, path, `no number is all of this${received(value)}`);
  const parts = Object.entries(value).map(([key, operand]) =>
    operatorAt(attribute, key, operand, [...path, key], problems),
  );
  return together(parts);
}

/** Whether its bounds leave no number between them. */
function isEmptyRange({ $gt, $gte, $lt, $lte }: FilterInput): boolean {
  const isNumber = (limit: unknown) => typeof limit === "number";
  const [least, most] = [Math.max(...[$gt, $gte].filter(isNumber)), Math.min(...[$lt, $lte].filter(isNumber))];
  return least > most || (least === most && (least === $gt || most === $lt));
}

function operatorAt(
  attribute: string,
  operator: string,
  operand: unknown,
  path: readonly PropertyKey[],
  problems: FilterProblem[],
): Filter | undefined {
  switch (operator) {
    case "$eq":
    case "$ne":
      if (!isScalar(operand)) return problem(problems, path, `expected a text or a number${received(operand)}`);
      return negated(operator === "$ne", { of: "values", attribute, values: [operand] });
    case "$in":
    case "$nin":
      if (!Array.isArray(operand) || operand.length === 0 || !operand.every(isScalar))
        return problem(problems, path, `expected a list of texts or numbers${received(operand)}`);
      return negated(operator === "$nin", { of: "values", attribute, values: operand });
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      if (typeof operand !== "number" || !Number.isFinite(operand))
        return problem(problems, path, `expected a number${received(operand)}`);
      return { of: "number", attribute, operator, limit: operand };
    case "$exists":
      if (typeof operand !== "boolean") return problem(problems, path, `expected true or false${received(operand)}`);
      return negated(!operand, { of: "exists", attribute });
    case "$not": {
      const part = conditionAt(attribute, operand, path, problems);
      return part && { of: "not", part };
    }
    default:
      return unknownOperator(operator, attributeOperators, path, problems);
  }
}

function together(parts: readonly (Filter | undefined)[], of: "and" | "or" = "and"): Filter | undefined {
  const sound = parts.filter((part) => part !== undefined);
  if (sound.length < parts.length) return undefined;
  return sound.length === 1 ? sound[0] : { of, parts: sound };
}

function negated(isNegated: boolean, part: Filter): Filter {
  return isNegated ? { of: "not", part } : part;
}

function unknownOperator(
  key: string,
  known: readonly (readonly [string, string])[],
  path: readonly PropertyKey[],
  problems: FilterProblem[],
): undefined {
  const names = known.map(([name]) => name);
  const near = key.startsWith("$") ? nearestName(key, names) : undefined;
  const remedy = near === undefined ? `known operators: ${names.join(", ")}` : `did you mean "${near}"?`;
  return problem(problems, path, `unknown operator "${key}", ${remedy}`);
}

function problem(problems: FilterProblem[], path: readonly PropertyKey[], message: string): undefined {
  problems.push({ path, message });
  return undefined;
}

function isRecord(value: unknown): value is FilterInput {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && !Number.isNaN(value));
}

function received(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return `, received ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}
