/**
 * Numbers as people and spreadsheets write them: currency signs, decimal points or commas, groups of thousands. A text that could be
 * read in two ways, as "1,234", follows the others of its column, and is no number where those do not tell.
 */
import { currencyOf } from "./currency.ts";

export type NumberProblem = "unparsable" | "ambiguous" | "other currency";

export const ACCEPTED_NUMBERS =
  "accepted numbers: 12.99, 12,99, 1,299.00, 1.299,00, 1 299, with a currency such as $12.99 or 12,99 EUR";

/** Which mark is the decimal one; "comma" and "point" stand before three digits and may part thousands as well. */
type Shape = "whole" | "decimal point" | "decimal comma" | "comma" | "point";

interface Parsed {
  /** Digits and marks, without blanks. */
  readonly digits: string;
  readonly sign: 1 | -1;
  readonly shape: Shape;
  /** By code or sign; "" for none. */
  readonly currency: string;
}

/** The number of every text of one column, or why it is none; NaN for "". Words beside it ("EUR", "kr.") are read for a price alone. */
export function readNumbers(texts: readonly string[], kind: "number" | "price"): (number | NumberProblem)[] {
  if (texts.every((text) => text === "" || PLAIN.test(text))) return texts.map(plainNumber);
  const parsed = texts.map((text) => parseNumber(text, kind));
  const shapes = new Set(parsed.map((entry) => entry?.shape));
  const currency = mostFrequent(parsed.flatMap((entry) => (entry?.currency ? [entry.currency] : [])));
  return texts.map((text, i) => {
    const entry = parsed[i];
    if (text === "") return Number.NaN;
    if (entry === undefined) return PLAIN.test(text) ? plainNumber(text) : "unparsable";
    if (entry.currency !== "" && entry.currency !== currency) return "other currency";
    return numberOf(entry, shapes);
  });
}

/** What programs write; the empty text is none. */
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function plainNumber(text: string): number | NumberProblem {
  if (text === "") return Number.NaN;
  return Number.isFinite(Number(text)) ? Number(text) : "unparsable";
}

/** Blanks of all kinds and wide digits, as they come with prices, in ASCII. */
function plainMarks(text: string): string {
  return text
    .replaceAll(/[\s\u2007]/g, " ")
    .replaceAll(/[\uff10-\uff19\uff0c\uff0e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll("\u2212", "-")
    .trim();
}

function parseNumber(text: string, kind: "number" | "price"): Parsed | undefined {
  const [, before = "", marked = "", after = ""] = /^(\D*?)([.,]?\d[\d.,'’ ]*)(\D*)$/.exec(plainMarks(text)) ?? [];
  // The point of "Rs.500" ends the word.
  const isWordEnd = marked.startsWith(".") && /\p{L}$/u.test(before);
  const body = (isWordEnd ? marked.slice(1) : marked).trim();
  const isRound = /[.,]$/.test(body) && /^[-–—]/.test(after);
  const beside = [before.replace(/[-+]/, ""), isRound ? after.replace(/^[-–—]+/, "") : after];
  // "12 KGS" is a weight, except for a price in Kyrgyzstan.
  const isWorded = kind === "number" && /\p{L}/u.test(beside.join(""));
  const currency = isWorded ? undefined : currencyOf(beside);
  const digits = withoutBlanks(isRound ? body.slice(0, -1) : body);
  const shape = digits === undefined ? undefined : shapeOf(digits, digits !== body);
  if (digits === undefined || shape === undefined || currency === undefined) return undefined;
  return { digits, sign: before.includes("-") ? -1 : 1, shape, currency };
}

/** Blanks and apostrophes part thousands, or the text is no number. */
function withoutBlanks(body: string): string | undefined {
  if (/^[\d.,]*$/.test(body)) return body;
  return /^\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?$/.test(body) ? body.replaceAll(/[ '’]/g, "") : undefined;
}

function shapeOf(digits: string, isGrouped: boolean): Shape | undefined {
  if (/^\d+\.?$/.test(digits)) return "whole";
  if (!isGrouped && /^[1-9]\d{0,2},\d{3}$/.test(digits)) return "comma";
  if (!isGrouped && /^[1-9]\d{0,2}\.\d{3}$/.test(digits)) return "point";
  if (/^\d*\.\d+$/.test(digits) || /^\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?$/.test(digits)) return "decimal point";
  if (/^\d*,\d+$/.test(digits) || /^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/.test(digits)) return "decimal comma";
  return undefined;
}

function numberOf(
  { digits, sign, shape, currency }: Parsed,
  shapes: ReadonlySet<Shape | undefined>,
): number | NumberProblem {
  const decimal = shape === "comma" || shape === "point" ? decimalOf(shape, currency !== "", shapes) : shape;
  if (decimal === undefined) return "ambiguous";
  const text = decimal === "decimal comma" ? digits.replaceAll(".", "").replace(",", ".") : digits.replaceAll(",", "");
  return sign * Number(text);
}

/** By the unmistakable cells of the column. Programs write "1.234" and no groups; beside a currency it may be either. */
function decimalOf(
  shape: "comma" | "point",
  isPrice: boolean,
  shapes: ReadonlySet<Shape | undefined>,
): "decimal point" | "decimal comma" | undefined {
  const [point, comma] = [shapes.has("decimal point"), shapes.has("decimal comma")];
  if (point !== comma) return point ? "decimal point" : "decimal comma";
  return shape === "point" && !isPrice && !comma ? "decimal point" : undefined;
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
