import { describe, expect, it } from "vitest";
import { applyLexical, type CharacterOptions, fitLexical } from "../../../src/features/blocks/latent-semantics.ts";
import { countTerms, wordsOf } from "../../../src/features/blocks/word-counts.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { cosine } from "../../encoders/encoding-fixtures.ts";

const texts = [
  "Steel bolt, steel nut",
  "steel bolt and washer",
  "Red felt cushion",
  "red wool cushion and blanket",
  "wool blanket",
  "nut and bolt and washer",
];
const all = texts.map((_, row) => row);
const options = { dimension: 16, minimumDocuments: 1, maximumTerms: null, bigrams: false, characters: null };

/** TF-IDF by its definition, on a dense table. */
function naiveTfIdf(documents: readonly string[]): number[][] {
  const tokens = documents.map((text) =>
    text
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word !== ""),
  );
  const terms = [...new Set(tokens.flat())].sort();
  return tokens.map((words) => {
    const row = terms.map((term) => {
      const count = words.filter((word) => word === term).length;
      const documentCount = tokens.filter((other) => other.includes(term)).length;
      return count === 0 ? 0 : (1 + Math.log(count)) * (1 + Math.log((1 + documents.length) / (1 + documentCount)));
    });
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
}

describe("runs of characters", () => {
  const runs = { minimum: 3, maximum: 4 };

  it("are counted within words, which begin and end with a blank", () => {
    const counts = countTerms("Mug mug a", { bigrams: false, characters: runs });
    expect([...counts]).toEqual([
      ["mug", 2],
      ["a", 1],
      ["~ mu", 2],
      ["~mug", 2],
      ["~ug ", 2],
      ["~ mug", 2],
      ["~mug ", 2],
      ["~ a ", 1],
    ]);
  });

  it("are cut between characters, not inside one", () => {
    const counts = countTerms("𠮷𠮷", { bigrams: false, characters: { minimum: 3, maximum: 3 } });
    expect([...counts.keys()]).toEqual(["𠮷𠮷", "~ 𠮷𠮷", "~𠮷𠮷 "]);
  });

  it("make a misspelt and an inflected word like the right one, which words alone cannot", async () => {
    const spelt = ["stainless bolts", "blue ceramics", "stainles bolt", "stainless bolts and nuts"];
    const likeness = async (characters: CharacterOptions | null): Promise<number> => {
      const space = await fitLexical(spelt, [0, 1, 2, 3], { ...options, characters });
      const { vectors } = await applyLexical(space, spelt);
      return cosine(rowOf(vectors, 0), rowOf(vectors, 2));
    };
    expect(await likeness(null)).toBeCloseTo(0, 5);
    expect(await likeness({ ...runs, weight: 0.5 })).toBeGreaterThan(0.1);
  });

  it("weigh what they are told to against the words, whose part keeps its proportions", async () => {
    const characters = { ...runs, weight: 0.5 };
    const space = await fitLexical(texts, all, { ...options, dimension: 200, characters });
    const { vectors } = await applyLexical(space, texts);
    const lengths = all.map((row) => Math.hypot(...rowOf(vectors, row)));
    for (const length of lengths) expect(length).toBeCloseTo(1, 3);
    // Two texts that share no run and no word stay orthogonal.
    expect(cosine(rowOf(vectors, 0), rowOf(vectors, 4))).toBeCloseTo(0, 3);
  });
});

describe("the vocabulary", () => {
  it("keeps the terms of the most texts when there are more than allowed", async () => {
    const { terms } = await fitLexical(texts, all, { ...options, maximumTerms: 2 });
    expect(terms).toEqual(["and", "bolt"]);
  });
});

describe("words", () => {
  it("are lower-case runs of letters and digits of any script", async () => {
    expect(wordsOf("M8 Bolts – Größe ½-inch, ＡＢＣ; 東京タワー!")).toEqual([
      "m8",
      "bolts",
      "größe",
      "1",
      "2",
      "inch",
      "abc",
      "東京タワー",
    ]);
  });

  it("come with neighbouring pairs when bigrams are asked for", async () => {
    expect([...countTerms("a b a b", { bigrams: true, characters: null })]).toEqual([
      ["a", 2],
      ["b", 2],
      ["a b", 2],
      ["b a", 1],
    ]);
  });
});

describe("lexical block", () => {
  it("keeps all inner products of the TF-IDF rows when no component is dropped", async () => {
    const { vectors } = await applyLexical(await fitLexical(texts, all, options), texts);
    const exact = naiveTfIdf(texts);
    for (const i of all) {
      for (const j of all) {
        const product = rowOf(vectors, i).reduce(
          (sum, value, p) => sum + value * vectors.values[j * vectors.columns + p],
          0,
        );
        expect(product).toBeCloseTo(cosine(exact[i], exact[j]), 5);
      }
    }
  });

  it("is fitted on training rows alone: a word that only a hidden item has changes nothing", async () => {
    const training = [0, 1, 2, 3, 4];
    const changed = texts.with(5, "zirconium nut zirconium flange");
    expect(await fitLexical(changed, training, options)).toEqual(await fitLexical(texts, training, options));
    expect((await fitLexical(texts, training, options)).terms).not.toContain("zirconium");
  });

  it("projects a new text to the place of an equal training text", async () => {
    const space = await fitLexical(texts, all, { ...options, dimension: 3 });
    const known = await applyLexical(space, texts);
    expect((await applyLexical(space, ["STEEL bolt; and washer, unheard-of"])).vectors.values).toEqual(
      rowOf(known.vectors, 1),
    );
  });

  it("drops words of fewer documents than asked for, and calls a text without known words missing", async () => {
    const space = await fitLexical(texts, all, { ...options, minimumDocuments: 2 });
    expect(space.terms).toEqual(["and", "blanket", "bolt", "cushion", "nut", "red", "steel", "washer", "wool"]);
    const { presence, vectors } = await applyLexical(space, ["felt", "", "felt bolt"]);
    expect(Array.from(presence)).toEqual([0, 0, 1]);
    expect(vectors.values.subarray(0, 2 * vectors.columns).every((value) => value === 0)).toBe(true);
  });

  it("has no columns when nothing can be learnt", async () => {
    const space = await fitLexical(["", ""], [0, 1], options);
    expect(await applyLexical(space, ["anything"])).toMatchObject({ vectors: { rows: 1, columns: 0 } });
    expect((await fitLexical(texts, [], options)).projection.columns).toBe(0);
  });
});
