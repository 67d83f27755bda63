/** A filter in Qdrant's words. A condition on a list holds where it holds for one of its values, as in tailrec's filters. */
import type { Filter, Scalar } from "../../rules/filter-language.ts";
import { kindOf, numberOf, requireKind } from "../sql-filter.ts";
import type { StoredAttribute } from "../store-kind.ts";
import type { QdrantCondition } from "./qdrant-client.ts";

/** INVALID_OPTIONS for an attribute that the store lacks. */
export function qdrantCondition(filter: Filter, attributes: readonly StoredAttribute[]): QdrantCondition {
  switch (filter.of) {
    case "and":
      return { must: filter.parts.map((part) => qdrantCondition(part, attributes)) };
    case "or":
      return { should: filter.parts.map((part) => qdrantCondition(part, attributes)) };
    case "not":
      return { must_not: [qdrantCondition(filter.part, attributes)] };
    case "values":
      return valuesCondition(filter.attribute, filter.values, attributes);
    case "number": {
      requireKind(filter.attribute, "number", attributes);
      const operator = filter.operator.slice(1) as "gt" | "gte" | "lt" | "lte";
      return { key: pathOf(filter.attribute), range: { [operator]: filter.limit } };
    }
    case "exists":
      kindOf(filter.attribute, attributes);
      return { must_not: [{ is_empty: { key: pathOf(filter.attribute) } }] };
  }
}

function valuesCondition(
  attribute: string,
  values: readonly Scalar[],
  attributes: readonly StoredAttribute[],
): QdrantCondition {
  if (attribute === "id" && attributes.every(({ name }) => name !== "id")) {
    return { key: "id", match: { any: values.map(String) } };
  }
  if (kindOf(attribute, attributes) === "category") {
    return { key: pathOf(attribute), match: { any: values.map(String) } };
  }
  const equal = values.map((value) => numberOf(value, attribute));
  return { should: equal.map((value) => ({ key: pathOf(attribute), range: { gte: value, lte: value } })) };
}

/** A key of a payload path: names of other signs than letters, digits, "-" and "_" stand in quotation marks. */
export function pathOf(attribute: string): string {
  return `attributes.${/^[A-Za-z0-9_-]+$/.test(attribute) ? attribute : `"${attribute}"`}`;
}
