/**
 * The fields of a catalog and what is counted in each: words and pairs of neighbouring words of a text, the levels of a category
 * and those above them, and of a number how near it is to the quantiles of the training items.
 */
import type { Attribute, Catalog } from "../../data/catalog.ts";
import { levelsOf } from "../blocks/attribute-columns.ts";
import { wordsOf } from "../blocks/word-counts.ts";

/** One mapped column, or several that were joined into one text. */
export type Field = TextField | CategoryField | NumberField;

export interface TextField {
  readonly name: string;
  readonly kind: "text";
  readonly texts: readonly string[];
  readonly bigrams: boolean;
}

export interface CategoryField {
  readonly name: string;
  readonly kind: "category";
  readonly values: readonly (readonly string[])[];
}

export interface NumberField {
  readonly name: string;
  readonly kind: "number" | "price";
  readonly values: Float64Array;
}

export type FieldKind = Field["kind"];

export function isNumber(field: Field): field is NumberField {
  return field.kind === "number" || field.kind === "price";
}

/** Titles are short: their pairs of words are few and telling. */
export function fieldsOf({ titles, descriptions, attributes }: Catalog): Field[] {
  return [
    { name: "title", kind: "text", texts: titles, bigrams: true },
    { name: "description", kind: "text", texts: descriptions, bigrams: false },
    ...attributes.map(attributeField),
  ];
}

function attributeField(attribute: Attribute): Field {
  const name = `attribute ${attribute.name}`;
  return attribute.kind === "category"
    ? { name, kind: "category", values: attribute.values }
    : { name, kind: attribute.kind, values: attribute.values };
}

/** The terms of an item, words and pairs of a text as often as they occur; empty where the field is missing. */
export function termsAt(field: TextField | CategoryField, row: number): readonly string[] {
  if (field.kind !== "text") return [...levelsOf(field.values[row])];
  const words = wordsOf(field.texts[row]);
  if (field.bigrams) for (let i = words.length - 1; i > 0; i--) words.push(`${words[i - 1]} ${words[i]}`);
  return words;
}
