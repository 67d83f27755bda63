/** A filter as the `where` argument of Weaviate's GraphQL. Properties of a class are names of GraphQL, whatever attributes are called. */
import type { Comparison, Filter, Scalar } from "../../rules/filter-language.ts";
import { kindOf, numberOf, requireKind } from "../sql-filter.ts";
import type { StoredAttribute } from "../store-kind.ts";

const OPERATORS: Readonly<Record<Comparison, string>> = {
  $gt: "GreaterThan",
  $gte: "GreaterThanEqual",
  $lt: "LessThan",
  $lte: "LessThanEqual",
};

/** Names of the properties, one an attribute: "price in EUR" is `attribute_price_in_EUR`. */
export function propertyNames(attributes: readonly StoredAttribute[]): readonly string[] {
  const plain = attributes.map(({ name }) => `attribute_${name.replace(/[^0-9A-Za-z]/g, "_")}`);
  return plain.map((name, at) => (plain.indexOf(name) === at ? name : `${name}_${at}`));
}

/** INVALID_OPTIONS for an attribute that the store lacks. */
export function weaviateCondition(filter: Filter, attributes: readonly StoredAttribute[]): string {
  const joined = (operator: "And" | "Or", parts: readonly Filter[]) =>
    operation(
      operator,
      parts.map((part) => weaviateCondition(part, attributes)),
    );
  switch (filter.of) {
    case "and":
      return joined("And", filter.parts);
    case "or":
      return joined("Or", filter.parts);
    case "not":
      return operation("Not", [weaviateCondition(filter.part, attributes)]);
    case "values":
      return valuesCondition(filter.attribute, filter.values, attributes);
    case "number": {
      requireKind(filter.attribute, "number", attributes);
      const limit = `valueNumber: ${filter.limit}`;
      return condition(OPERATORS[filter.operator], propertyOf(filter.attribute, attributes), limit);
    }
    case "exists": {
      kindOf(filter.attribute, attributes);
      return condition("IsNull", propertyOf(filter.attribute, attributes), "valueBoolean: false");
    }
  }
}

function valuesCondition(attribute: string, values: readonly Scalar[], attributes: readonly StoredAttribute[]): string {
  const texts = `valueText: [${values.map((value) => JSON.stringify(String(value))).join(", ")}]`;
  const isId = attribute === "id" && attributes.every(({ name }) => name !== "id");
  if (isId) return condition("ContainsAny", "item", texts);
  const property = () => propertyOf(attribute, attributes);
  if (kindOf(attribute, attributes) === "category") return condition("ContainsAny", property(), texts);
  const equal = values.map((value) => condition("Equal", property(), `valueNumber: ${numberOf(value, attribute)}`));
  return operation("Or", equal);
}

function propertyOf(attribute: string, attributes: readonly StoredAttribute[]): string {
  return propertyNames(attributes)[attributes.findIndex(({ name }) => name === attribute)];
}

function condition(operator: string, property: string, value: string): string {
  return `{operator: ${operator}, path: ["${property}"], ${value}}`;
}

function operation(operator: string, operands: readonly string[]): string {
  return `{operator: ${operator}, operands: [${operands.join(", ")}]}`;
}
