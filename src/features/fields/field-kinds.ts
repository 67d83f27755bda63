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

/** The words of a text in their order, as often as they occur, or the levels of a category; empty where the field is missing. */
export function wordsAt(field: TextField | CategoryField, row: number): string[] {
  return field.kind === "text" ? wordsOf(field.texts[row]) : [...levelsOf(field.values[row])];
}

/** A pair of neighbouring words as a term: no word has a blank. */
export function pairOf(first: string, second: string): string {
  return `${first} ${second}`;
}

/** The terms of an item: its words or levels, and pairs of words where they are counted. */
export function termsAt(field: TextField | CategoryField, row: number): readonly string[] {
  const words = wordsAt(field, row);
  if (field.kind === "text" && field.bigrams) {
    for (let i = words.length - 1; i > 0; i--) words.push(pairOf(words[i - 1], words[i]));
  }
  return words;
}
