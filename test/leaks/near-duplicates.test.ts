import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leakOptionsSchema } from "../../src/leaks/leak-options.ts";
import {
  alikeInputs,
  duplicateFinding,
  duplicateTexts,
  isSameInput,
  textCheck,
} from "../../src/leaks/near-duplicates.ts";
import { jaccard, shinglesOf } from "../../src/leaks/shingles.ts";
import { createRandom } from "../../src/math/random.ts";

const options = leakOptionsSchema.parse({});

/** Jaccard over sets of word triples, as the definition says. */
function naiveJaccard(a: string, b: string): number {
  const triples = (text: string) => {
    const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    if (words.length < 3) return new Set(words.length === 0 ? [] : [words.join(" ")]);
    return new Set(words.slice(2).map((_, i) => words.slice(i, i + 3).join(" ")));
  };
  const [left, right] = [triples(a), triples(b)];
  const shared = [...left].filter((triple) => right.has(triple)).length;
  const all = left.size + right.size - shared;
  return all === 0 ? 0 : shared / all;
}

describe("texts", () => {
  it("are compared by the Jaccard similarity of their three-word runs", () => {
    const words = fc.array(fc.constantFrom("red", "blue", "mug", "kettle", "steel"), { maxLength: 12 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [left, right] = [a.join(" "), b.join(", ")];
        expect(jaccard(shinglesOf(left), shinglesOf(right))).toBeCloseTo(naiveJaccard(left, right), 12);
      }),
    );
  });

  it("find what comparing every pair finds", async () => {
    const texts = Array.from({ length: 120 }, (_, i) => sentence(i % 41, i));
    const cold = [...texts.keys()].filter((row) => row % 4 === 0);
    const warm = [...texts.keys()].filter((row) => row % 4 !== 0);
    const naive = cold.filter((row) => warm.some((other) => naiveJaccard(texts[row], texts[other]) >= 0.8));
    const found = await duplicateTexts(texts, { cold, warm }, 0.8);
    expect(naive.length).toBeGreaterThan(5);
    expect(found.map(([row]) => row)).toEqual(naive);
    for (const [row, other] of found) expect(naiveJaccard(texts[row], texts[other])).toBeGreaterThanOrEqual(0.8);
  });

  it("that are empty are like nothing, and copies of one or two words are copies", async () => {
    const texts = ["", "", "Eros", "eros!", "Blue mug", "Red mug"];
    expect(await duplicateTexts(texts, { cold: [0, 2, 4], warm: [1, 3, 5] }, 0.8)).toEqual([[2, 3]]);
  });
});

it("comparing texts stops when the run is cancelled", async () => {
  const cancelled = duplicateTexts(["a", "b"], { cold: [0], warm: [1] }, 0.8, { signal: AbortSignal.abort() });
  await expect(cancelled).rejects.toMatchObject({ code: "INTERRUPTED" });
});

describe("pictures", () => {
  it("are candidates where their vectors nearly agree, among training items only", async () => {
    const values = Float32Array.from([1, 0, 0.99, 0.02, 1, 0, 0, 1, 0, 0]);
    const vectors = { rows: 5, columns: 2, values };
    expect(await alikeInputs(vectors, { cold: [0, 4], warm: [1, 3] })).toEqual([[0, 1]]);
  });

  it("are one after recompression, and two in another colour", () => {
    const picture = Uint8Array.from({ length: 768 }, (_, p) => 20 + ((p * 37) % 200));
    expect(
      isSameInput(
        picture,
        picture.map((value, p) => value + ((p % 5) - 2)),
      ),
    ).toBe(true);
    expect(
      isSameInput(
        picture,
        picture.map((value, p) => (p % 3 === 0 ? value + 30 : value)),
      ),
    ).toBe(false);
  });
});

describe("the finding", () => {
  const split = { cold: [0, 1, 2, 3], warm: [4] };
  const stateOf = (copies: number) =>
    duplicateFinding(
      { check: textCheck.name, likeness: "near-duplicate texts" },
      "cold-items",
      split.cold.slice(0, copies).map((row) => [row, 4] as const),
      split,
      String,
      options,
    ).state;

  it("is clean without a copy, warns up to a quarter of the cold items, and stops above", () => {
    expect([0, 1, 2].map(stateOf)).toEqual(["clean", "warning", "stop"]);
  });

  it("counts an item once, however many copies it has", () => {
    const pairs = [[0, 4] as const, [0, 5] as const];
    const pictures = { check: "near-duplicate-pictures", likeness: "the same picture" } as const;
    expect(duplicateFinding(pictures, "cold-items", pairs, split, String, options)).toMatchObject({
      check: "near-duplicate-pictures",
      summary: expect.stringContaining("1 of 4 cold items (25 %)"),
      examples: ["0 is cold, 4 is not", "0 is cold, 5 is not"],
    });
  });
});

/** Twenty seeded words of a family, some of them another in each member. */
function sentence(family: number, member: number): string {
  const shared = createRandom(family);
  const own = createRandom(1000 + member);
  const changes = own.integer(4);
  const words = Array.from({ length: 20 }, () => `w${shared.integer(500)}`);
  for (let change = 0; change < changes; change++) words[own.integer(20)] = `x${own.integer(500)}`;
  return words.join(" ");
}
