/**
 * The fields of a catalog and what is counted in each: words and pairs of neighbouring words of a text, runs of characters within the
 * words of a title, the levels of a category and those above them, and of a number how near it is to the quantiles of the training items.
 */
import type { Attribute, Catalog } from "../../data/catalog.ts";
import { levelsOf } from "../blocks/attribute-columns.ts";
import { runsOf, wordsOf } from "../blocks/word-counts.ts";

/** One mapped column, or several that were joined into one text. */
export type Field = TermField | NumberField;

/** A field whose terms are counted. */
export type TermField = TextField | CharactersField | CategoryField;

export interface TextField {
  readonly name: string;
  readonly kind: "text";
  readonly texts: readonly string[];
  readonly bigrams: boolean;
}

/** A text once more, by the runs of characters within its words. */
export interface CharactersField {
  readonly name: string;
  readonly kind: "characters";
  readonly texts: readonly string[];
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

/**
 * Titles are short: their pairs of words are few and telling, and so are parts of words, by which "tubing" is like "tubes" and 1995 like
 * 1994. Descriptions say enough in words (decision 264).
 */
export function fieldsOf({ titles, descriptions, attributes }: Catalog): Field[] {
  return [
    { name: "title", kind: "text", texts: titles, bigrams: true },
    { name: "title characters", kind: "characters", texts: titles },
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
export function wordsAt(field: TermField, row: number): string[] {
  return field.kind === "category" ? [...levelsOf(field.values[row])] : wordsOf(field.texts[row]);
}

/** Blanks around the word included: "mug" has " mug" and "mug ". Runs of 3 or 5 tell about as much, several lengths no more. */
const RUN = { minimum: 4, maximum: 4 };

/** What a word or level is counted as: itself, or its runs of characters. */
export function termsOfWord({ kind }: TermField, word: string): readonly string[] {
  return kind === "characters" ? runsOf(word, RUN) : [word];
}

/** A pair of neighbouring words as a term: no word has a blank. */
export function pairOf(first: string, second: string): string {
  return `${first} ${second}`;
}

/** What is counted of an item before pairs: its words, levels or runs. */
export function singleTermsAt(field: TermField, row: number): string[] {
  return wordsAt(field, row).flatMap((word) => termsOfWord(field, word));
}

/** The terms of an item: its words, levels or runs, and pairs of words where they are counted. */
export function termsAt(field: TermField, row: number): readonly string[] {
  const terms = singleTermsAt(field, row);
  if (field.kind === "text" && field.bigrams) {
    for (let i = terms.length - 1; i > 0; i--) terms.push(pairOf(terms[i - 1], terms[i]));
  }
  return terms;
}
