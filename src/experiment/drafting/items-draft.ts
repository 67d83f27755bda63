/**
 * The columns of a table of items: id, texts and picture by name, then by what the cells hold; everything else that comes back in
 * several items is an attribute. What tells how people behaved is left out: a new item has none, and it knows what is held out.
 */
import { type DraftedColumn, drafted, LEFT_OUT, namedColumn } from "./column-draft.ts";
import type { ColumnFacts } from "./column-facts.ts";
import {
  BEHAVIOUR_NAMES,
  CODE_NAMES,
  PICTURE_NAMES,
  PRICE_NAMES,
  RELATED_NAMES,
  TEXT_NAMES,
  TITLE_NAMES,
} from "./column-names.ts";

export interface ItemsDraft {
  /** Part `data.items` of the pipeline, its path apart. */
  readonly options: {
    readonly columns: {
      readonly id: string;
      readonly title?: string;
      readonly description?: string | readonly string[];
      readonly image?: string;
    };
    readonly attributes: readonly DraftedAttribute[];
  };
  readonly columns: readonly DraftedColumn[];
  /** Where pictures lie: files, which a run reads, or addresses, which it fetches only when told to. */
  readonly pictures: Pictures;
}

export interface Pictures {
  readonly kind: "files" | "addresses" | "none";
  /** Some of them as the cells name them. */
  readonly examples: readonly string[];
}

export interface DraftedAttribute {
  readonly column: string;
  readonly kind: "category" | "number" | "price";
  readonly separator?: string;
}

export function draftItems(columns: readonly ColumnFacts[], id: ColumnFacts): ItemsDraft {
  const filled = columns.filter((column) => column !== id && column.texts.length > 0 && !column.hasObjects);
  const image = filled.find(isPicture);
  const texts = filled.filter((column) => column !== image && isText(column));
  const title = namedColumn(texts, TITLE_NAMES) ?? texts.find(isTitle);
  const descriptions = texts.filter((column) => column !== title && isDescription(column));
  const uses = new Map<ColumnFacts, DraftedColumn>([[id, drafted(id, "id")]]);
  if (title !== undefined) uses.set(title, drafted(title, "title"));
  if (image !== undefined) uses.set(image, drafted(image, "image", isAddress(image) ? "addresses" : "files"));
  for (const column of descriptions) uses.set(column, drafted(column, "description"));
  const judged = columns.filter((column) => !uses.has(column)).map((column) => ({ column, ...judgeAttribute(column) }));
  for (const { column, attribute, reason } of judged) {
    const words = attribute === undefined ? LEFT_OUT : attribute.kind;
    uses.set(column, drafted(column, words, reason));
  }
  const names = descriptions.map(({ name }) => name);
  return {
    options: {
      columns: {
        id: id.name,
        ...(title && { title: title.name }),
        ...(names.length > 0 && { description: names.length === 1 ? names[0] : names }),
        ...(image && { image: image.name }),
      },
      attributes: judged.flatMap(({ attribute }) => attribute ?? []),
    },
    columns: columns.flatMap((column) => uses.get(column) ?? []),
    pictures: {
      kind: image === undefined ? "none" : isAddress(image) ? "addresses" : "files",
      examples: image?.texts.slice(0, PICTURE_EXAMPLES) ?? [],
    },
  };
}

interface Judgement {
  readonly attribute?: DraftedAttribute;
  readonly reason: string;
}

/** A value must come twice, on average, for a model to learn something of it. */
const FEWEST_REPEATS = 1.5;

/** What a column is as an attribute, or why it is none. */
export function judgeAttribute(facts: ColumnFacts): Judgement {
  const { name, words, texts, distinct, separator, repeats } = facts;
  if (texts.length === 0) return { reason: "empty" };
  if (facts.hasObjects) return { reason: `objects; one key can be mapped, as "${name}.KEY"` };
  if (distinct.size === 1) return { reason: "the same everywhere" };
  if (RELATED_NAMES.test(words) || (facts.isNumber && BEHAVIOUR_NAMES.test(words))) {
    return { reason: "tells how people behaved, which a new item lacks" };
  }
  if (isAddress(facts) || isPicture(facts)) return { reason: "addresses" };
  if (isDate(facts)) return { reason: "dates; a year or an age would be a number" };
  const isCode = CODE_NAMES.test(words) || distinct.size === 2;
  const isPrice = facts.isPrice && (PRICE_NAMES.test(words) || hasCurrency(facts));
  if (isPrice) return { attribute: { column: name, kind: "price" }, reason: "" };
  if (facts.isNumber && !isCode) return { attribute: { column: name, kind: "number" }, reason: "" };
  if (repeats < FEWEST_REPEATS) return { reason: "nearly every item has another value" };
  const levels = separator === null ? "" : `several, parted by "${separator}"`;
  return { attribute: { column: name, kind: "category", ...(separator !== null && { separator }) }, reason: levels };
}

function hasCurrency({ texts }: ColumnFacts): boolean {
  return texts.filter((text) => /\p{Sc}/u.test(text)).length > texts.length / 2;
}

const PICTURE_EXAMPLES = 20;
const PICTURE_ENDING = /\.(?:jpe?g|png|webp|gif|avif|tiff?|bmp)(?:\?.*)?$/i;

function isPicture({ words, texts, isNumber }: ColumnFacts): boolean {
  const ends = texts.filter((text) => PICTURE_ENDING.test(text)).length;
  return ends > texts.length / 2 || (PICTURE_NAMES.test(words) && !isNumber && ends > 0);
}

function isAddress({ texts }: ColumnFacts): boolean {
  return texts.filter((text) => /^https?:\/\//i.test(text)).length > texts.length / 2;
}

function isDate({ texts }: ColumnFacts): boolean {
  return texts.filter((text) => /^\d{4}-\d\d?-\d\d?|^\d\d?[./]\d\d?[./]\d{4}/.test(text)).length > 0.9 * texts.length;
}

/** Words, and no list of levels. */
function isText(facts: ColumnFacts): boolean {
  return !facts.isNumber && !facts.isPrice && !isAddress(facts) && !isDate(facts) && !RELATED_NAMES.test(facts.words);
}

const TITLE_LENGTHS = { from: 3, to: 150 };

/** Short texts, nearly each of its own. */
function isTitle({ texts, distinct, length, separator, isNested }: ColumnFacts): boolean {
  const isShort = length >= TITLE_LENGTHS.from && length <= TITLE_LENGTHS.to;
  return (
    !isNested &&
    separator === null &&
    isShort &&
    distinct.size > 0.8 * texts.length &&
    texts.some((text) => /\s/.test(text))
  );
}

const PROSE = 80;

/** By its name unless its cells are levels; by its length and variety otherwise. */
function isDescription({ words, length, repeats, separator }: ColumnFacts): boolean {
  if (separator !== null) return false;
  return TEXT_NAMES.test(words) ? repeats < 5 : length >= PROSE && repeats < FEWEST_REPEATS;
}
