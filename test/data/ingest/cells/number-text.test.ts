import { describe, expect, it } from "vitest";
import { type NumberProblem, readNumbers } from "../../../../src/data/ingest/cells/number-text.ts";

type Read = number | NumberProblem;

describe("numbers of one column", () => {
  it.each<[string, string[], Read[]]>([
    ["as programs write them", ["12.99", "-3", "1e3", ".5", "7."], [12.99, -3, 1000, 0.5, 7]],
    ["with points before three digits, where nothing else is there", ["1.234", "2.5"], [1.234, 2.5]],
    ["with decimal commas", ["12,99", "5", "1.299", "1.299,00"], [12.99, 5, 1299, 1299]],
    ["with groups of thousands", ["1,234", "1,234,567", "12.5"], [1234, 1_234_567, 12.5]],
    ["with Indian groups", ["1,23,456.50", "1,234"], [123_456.5, 1234]],
    ["with blanks between groups", ["1 234,56", "12 500", "1 234,567"], [1234.56, 12_500, 1234.567]],
    ["with narrow and hard blanks", ["1\u202f234,5", "1\u00a0234,5"], [1234.5, 1234.5]],
    ["with apostrophes between groups", ["1'299.50", "12’000"], [1299.5, 12_000]],
    ["with wide digits and another minus", ["１２.５", "−5"], [12.5, -5]],
    ["with blanks around", [" 12.5 ", "\t3"], [12.5, 3]],
  ])("%s", (_, texts, expected) => expect(readNumbers(texts, "number")).toEqual(expected));

  it.each<[string, string[], Read[]]>([
    ["in front", ["$12.99", "$ 5", "-$5", "$-5", "$.50"], [12.99, 5, -5, -5, 0.5]],
    ["behind", ["12,99 €", "5€", "12,- €"], [12.99, 5, 12]],
    ["as codes", ["12.99 EUR", "EUR 5", "€6"], [12.99, 5, 6]],
    ["as words", ["12,50 kr.", "kr 5"], [12.5, 5]],
    ["with points of their own", ["Rs. 500", "Rs.499", "₹1,299.00"], [500, 499, 1299]],
    ["of several letters", ["R$ 12,50", "5 R$"], [12.5, 5]],
    ["twice", ["$12.99 USD", "$5"], [12.99, 5]],
  ])("prices with currencies %s", (_, texts, expected) => expect(readNumbers(texts, "price")).toEqual(expected));

  it("are ambiguous where a mark before three digits may be either and no other cell tells", () => {
    expect(readNumbers(["1,234", "999"], "number")).toEqual(["ambiguous", 999]);
    expect(readNumbers(["€1.234", "€5"], "price")).toEqual(["ambiguous", 5]);
    expect(readNumbers(["1,234", "12,5", "12.5"], "number")).toEqual(["ambiguous", 12.5, 12.5]);
  });

  it("in another currency than most are not mixed with the others", () => {
    expect(readNumbers(["$5", "$6", "7 €", "8"], "price")).toEqual([5, 6, "other currency", 8]);
  });

  it.each([
    "0x1F",
    "1_000",
    "Infinity",
    "NaN",
    "n/a",
    "12 kg",
    "15%",
    "from $5",
    "$5 - $10",
    "5/kg",
    "5²",
    "1,2,3",
    "1e999",
    "(5)",
  ])("%s is none", (text) => expect(readNumbers([text, "1"], "price")).toEqual(["unparsable", 1]));

  it("take no words for a currency where they are no prices", () => {
    expect(readNumbers(["12 KGS", "5"], "number")).toEqual(["unparsable", 5]);
    expect(readNumbers(["$12", "5"], "number")).toEqual([12, 5]);
  });

  it("an empty cell is not a number, and no problem", () =>
    expect(readNumbers(["", "$1"], "price")).toEqual([Number.NaN, 1]));
});
