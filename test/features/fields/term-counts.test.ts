/** Counted terms against their definition, term by term as texts. */
import { describe, expect, it } from "vitest";
import { type Field, termsAt } from "../../../src/features/fields/field-kinds.ts";
import { countFieldTerms } from "../../../src/features/fields/term-counts.ts";
import { createRandom } from "../../../src/math/random.ts";

type Terms = Exclude<Field, { readonly kind: "number" | "price" }>;

function byDefinition(field: Terms, rows: readonly number[], minimumCount: number) {
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const term of new Set(termsAt(field, row))) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const kept = [...counts].filter(([, count]) => count >= minimumCount).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    terms: kept.map(([term]) => term),
    frequency: kept.map(([, count]) => count),
    items: rows.filter((row) => termsAt(field, row).length > 0).length,
  };
}

function columnsOf(counted: ReturnType<typeof countFieldTerms>, row: number): number[] {
  const columns: number[] = [];
  counted.columnsAt(row, columns);
  return columns.sort((a, b) => a - b);
}

const random = createRandom(5);
const wordsOf = (count: number) => Array.from({ length: count }, () => `w${Math.floor(30 ** random.next())}`);
const texts = Array.from({ length: 80 }, (_, i) => wordsOf(i % 7).join(" "));
const title = { name: "title", kind: "text", texts, bigrams: true } as const;
const fields: Terms[] = [
  title,
  { ...title, bigrams: false },
  { name: "title characters", kind: "characters", texts },
  { name: "kind", kind: "category", values: texts.map((text) => text.split(" ").map((word) => `${word} > ${text}`)) },
];
const training = [...texts.keys()].filter((row) => row % 3 > 0);

describe("the terms of a field", () => {
  it.each([1, 2, 5])("in at least %i training items are those of the definition, and so are columns", (minimum) => {
    for (const field of fields) {
      const counted = countFieldTerms(field, training, minimum);
      expect(counted).toMatchObject(byDefinition(field, training, minimum));
      for (const row of texts.keys()) {
        const places = termsAt(field, row).map((term) => counted.terms.indexOf(term));
        expect(columnsOf(counted, row)).toEqual(places.filter((place) => place >= 0).sort((a, b) => a - b));
      }
    }
  });

  it("are none of a field that no training item has", () => {
    const counted = countFieldTerms({ ...title, texts: ["", "a b"] }, [0], 1);
    expect(counted).toMatchObject({ terms: [], frequency: [], items: 0 });
    expect(columnsOf(counted, 1)).toEqual([]);
  });
});
