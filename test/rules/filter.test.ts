/** Filters: what they let through, against a naive reading of each item, and what is said of those that make no sense. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import { type FilterInput, parseFilter } from "../../src/rules/filter-language.ts";
import { filterMask } from "../../src/rules/filter-mask.ts";

const catalog: Catalog = {
  ids: ["a", "b", "c", "d"],
  titles: ["", "", "", ""],
  descriptions: ["", "", "", ""],
  images: [null, null, null, null],
  attributes: [
    { name: "brand", kind: "category", values: [["Acme"], ["Acme", "Brindle"], ["Cole"], []] },
    { name: "price", kind: "price", values: Float64Array.of(10, 50, Number.NaN, 30) },
  ],
};

function left(input: FilterInput): string {
  const parsed = parseFilter(input);
  if (!("filter" in parsed)) throw new Error(JSON.stringify(parsed.problems));
  const { flags } = filterMask(parsed.filter, catalog, "filter");
  return catalog.ids.filter((_, row) => flags[row] === 1).join("");
}

function problemsIn(input: unknown): string {
  const parsed = parseFilter(input);
  return "problems" in parsed
    ? parsed.problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")
    : "";
}

describe("filters", () => {
  it.each<[FilterInput, string]>([
    [{ brand: "Acme" }, "ab"],
    [{ brand: { $in: ["Brindle", "Cole"] } }, "bc"],
    [{ brand: { $ne: "Acme" } }, "cd"],
    [{ brand: { $nin: ["Acme", "Cole"] } }, "d"],
    [{ price: { $gte: 10, $lt: 50 } }, "ad"],
    [{ price: { $gt: 10 } }, "bd"],
    [{ price: { $lte: 30 } }, "ad"],
    [{ price: { $not: { $lt: 40 } } }, "bc"],
    [{ price: 50 }, "b"],
    [{ price: { $exists: false } }, "c"],
    [{ brand: { $exists: true } }, "abc"],
    [{ brand: "Acme", price: { $lt: 20 } }, "a"],
    [{ $or: [{ brand: "Cole" }, { price: { $gt: 40 } }] }, "bc"],
    [{ $and: [{ brand: "Acme" }, { $not: { price: 10 } }] }, "b"],
    [{ id: { $in: ["a", "d"] } }, "ad"],
  ])("%j leaves %s", (input, expected) => {
    expect(left(input)).toBe(expected);
  });

  it("and their negation part the catalog in two", () => {
    const scalar = fc.constantFrom<FilterInput>(
      { brand: "Acme" },
      { brand: { $nin: ["Cole"] } },
      { price: { $gte: 30 } },
      { price: { $exists: true } },
    );
    const nested = fc.letrec<{ filter: FilterInput }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.record({ $and: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
        fc.record({ $or: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
        fc.record({ $not: tie("filter") }),
      ),
    })).filter;
    fc.assert(
      fc.property(nested, (filter) => {
        const both = [...left(filter), ...left({ $not: filter })].sort().join("");
        expect(both).toBe("abcd");
      }),
    );
  });

  it("name the operator that was meant, and never take one for an attribute", () => {
    expect(problemsIn({ price: { $gthe: 3 } })).toBe('price.$gthe: unknown operator "$gthe", did you mean "$gte"?');
    expect(problemsIn({ price: { gte: 3 } })).toContain('price.gte: unknown operator "gte", known operators: $eq');
    expect(problemsIn({ $nott: { price: 3 } })).toContain('did you mean "$not"?');
  });

  it.each([
    [{}, "an empty filter"],
    [[], "expected a filter"],
    ["brand", "expected a filter"],
    [{ price: { $lt: "40" } }, "price.$lt: expected a number"],
    [{ brand: { $in: [] } }, "brand.$in: expected a list"],
    [{ brand: null }, "brand: expected a value"],
    [{ $or: {} }, "$or: expected a list of filters"],
    [{ brand: { $exists: 1 } }, "expected true or false"],
  ])("%j is refused with the place", (input, expected) => {
    expect(problemsIn(input)).toContain(expected);
  });

  it("nested without end are refused", () => {
    let filter: FilterInput = { brand: "Acme" };
    for (let depth = 0; depth < 5000; depth++) filter = { $not: filter };
    expect(problemsIn(filter)).toContain("levels of filters");
  });

  it("refuse attributes that the items do not have, with the nearest, and comparisons of what is no number", () => {
    expect(() => left({ brandt: "Acme" })).toThrow('no item attribute "brandt"; did you mean "brand"?');
    expect(() => left({ brand: { $lt: 3 } })).toThrow('"brand" is a category');
    expect(() => left({ price: "cheap" })).toThrow('expected a number for "price", received "cheap"');
  });

  it("note values and ids that no item has", () => {
    const parsed = parseFilter({ brand: { $in: ["Acmee", "Cole"] }, id: "x9" });
    if (!("filter" in parsed)) throw new Error("expected a filter");
    const { notes } = filterMask(parsed.filter, catalog, "filter");
    expect(notes).toEqual(['no item has brand "Acmee"; did you mean "Acme"?', expect.stringContaining('the id "x9"')]);
  });
});
