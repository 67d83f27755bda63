/** A filter as an SQL condition with parameters. What differs between databases are the three ways to look into an item. */
import { TailrecError } from "../errors.ts";
import { nearestName } from "../options.ts";
import type { Comparison, Filter, Scalar } from "../rules/filter-language.ts";
import type { StoredAttribute } from "./store-kind.ts";

export interface SqlDialect {
  /** The item's id is one of the parameters. */
  idIn(parameters: readonly string[]): string;
  /** One of the category's values is one of the parameters. */
  hasAny(attribute: string, parameters: readonly string[]): string;
  /** The number, NULL where it is missing. */
  number(attribute: string): string;
  /** The category has a value. */
  hasValue(attribute: string): string;
  /** Takes a value and gives the text that stands for it. */
  parameter(value: string | number): string;
}

const OPERATORS: Readonly<Record<Comparison, string>> = { $gt: ">", $gte: ">=", $lt: "<", $lte: "<=" };

/** Always true or false, never NULL, so that NOT means what it says. INVALID_OPTIONS for an attribute that the store lacks. */
export function sqlCondition(filter: Filter, attributes: readonly StoredAttribute[], dialect: SqlDialect): string {
  const inner = (part: Filter) => sqlCondition(part, attributes, dialect);
  switch (filter.of) {
    case "and":
    case "or":
      return `(${filter.parts.map(inner).join(filter.of === "and" ? " AND " : " OR ")})`;
    case "not":
      return `NOT ${inner(filter.part)}`;
    case "values":
      return valuesCondition(filter.attribute, filter.values, attributes, dialect);
    case "number": {
      requireKind(filter.attribute, "number", attributes);
      const number = dialect.number(filter.attribute);
      return `coalesce(${number} ${OPERATORS[filter.operator]} ${dialect.parameter(filter.limit)}, false)`;
    }
    case "exists":
      return kindOf(filter.attribute, attributes) === "number"
        ? `(${dialect.number(filter.attribute)} IS NOT NULL)`
        : dialect.hasValue(filter.attribute);
  }
}

function valuesCondition(
  attribute: string,
  values: readonly Scalar[],
  attributes: readonly StoredAttribute[],
  dialect: SqlDialect,
): string {
  if (attribute === "id" && attributes.every(({ name }) => name !== "id"))
    return dialect.idIn(values.map((value) => dialect.parameter(String(value))));
  if (kindOf(attribute, attributes) === "number") {
    const numbers = values.map((value) => dialect.parameter(numberOf(value, attribute)));
    return `coalesce(${dialect.number(attribute)} IN (${numbers.join(", ")}), false)`;
  }
  return dialect.hasAny(
    attribute,
    values.map((value) => dialect.parameter(String(value))),
  );
}

/** INVALID_OPTIONS for what is no number. */
export function numberOf(value: Scalar, attribute: string): number {
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  const message = `filter: expected a number for "${attribute}", received ${JSON.stringify(value)}`;
  throw new TailrecError("INVALID_OPTIONS", message);
}

/** INVALID_OPTIONS with the nearest name. */
export function kindOf(attribute: string, attributes: readonly StoredAttribute[]): StoredAttribute["kind"] {
  const found = attributes.find(({ name }) => name === attribute);
  if (found !== undefined) return found.kind;
  const names = attributes.map(({ name }) => name);
  const near = nearestName(attribute, names);
  const remedy = near === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
  throw new TailrecError("INVALID_OPTIONS", `filter: the store has no attribute "${attribute}"; ${remedy}`);
}

export function requireKind(
  attribute: string,
  kind: StoredAttribute["kind"],
  attributes: readonly StoredAttribute[],
): void {
  if (kindOf(attribute, attributes) === kind) return;
  throw new TailrecError("INVALID_OPTIONS", `filter: expected a ${kind} to compare, "${attribute}" is none`);
}
