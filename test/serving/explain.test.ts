import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import type { FeatureMatrix } from "../../src/data/feature-matrix.ts";
import type { Matrix, SparseMatrix } from "../../src/math/matrix.ts";
import { explainPair } from "../../src/serving/explanation/explain.ts";
import type { Evidence } from "../../src/serving/explanation/pair-facts.ts";
import { documentFrequencies } from "../../src/serving/explanation/shared-content.ts";

function matrix(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, columns: rows[0].length, values: Float32Array.from(rows.flat()) };
}

/** Users by the items they have. */
function interactionsOf(users: readonly (readonly number[])[], columns: number): SparseMatrix {
  const indptr = Uint32Array.from([0, ...users.map((_, u) => users.slice(0, u + 1).flat().length)]);
  const indices = Uint32Array.from(users.flat());
  return { rows: users.length, columns, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

const catalog: Catalog = {
  ids: ["mug", "bowl", "sofa", "new"],
  titles: ["Stoneware mug", "Stoneware bowl", "Grey sofa", "Glazed mug, new"],
  descriptions: [
    "A mug with an ash glaze.",
    "A bowl with an ash glaze.",
    "A sofa with oak legs.",
    "A mug in blue glaze.",
  ],
  images: [null, null, null, null],
  attributes: [
    { name: "category", kind: "category", values: [["Kitchen", "Gifts"], ["Kitchen"], ["Living"], ["Kitchen"]] },
    { name: "price", kind: "price", values: Float64Array.of(12.5, 14, 800, Number.NaN) },
  ],
};

/** A text block of two columns around the mean (1, 0), and a picture block of one that only mug and bowl have. */
const features: FeatureMatrix = {
  values: matrix([
    [2, 1, 3],
    [1, 2, 6],
    [0, -1, 0],
    [1, 0, 0],
  ]),
  presence: matrix([
    [1, 1],
    [1, 1],
    [1, 0],
    [1, 0],
  ]),
  blocks: [
    { name: "text", kind: "text", offset: 0, dimension: 2, weight: 1 },
    { name: "photo", kind: "image", offset: 2, dimension: 1, weight: 1 },
  ],
};

const evidence: Evidence = {
  catalog,
  documentFrequencies: documentFrequencies(catalog),
  interactions: interactionsOf([[0, 1], [0, 1], [0, 2], [0], [1], [2]], 4),
  features,
  standardisation: { blocks: features.blocks, mean: Float32Array.of(1, 0, 0), scale: Float32Array.of(1, 1, 1) },
  embeddings: {
    vectors: matrix([
      [3, 0, 4],
      [0, 5, 12],
      [1, 0, 0],
      [1, 1, 0],
    ]),
    rank: 2,
    support: Uint32Array.of(4, 3, 2, 0),
    source: ["behaviour", "behaviour", "blend", "content"],
  },
  similar: {
    vectors: matrix([
      [3, 0, 4],
      [0, 5, 12],
      [0.5, 1, 3],
      [0, 1, 3],
    ]),
    behaviour: 1,
  },
  prior: matrix([
    [1, 0],
    [1, 1],
    [1, 0.1],
    [1, 1],
  ]),
  itemFactors: matrix([
    [1, 0],
    [0, 1],
    [-1, 1],
    [0, 0],
  ]),
};

describe("explainPair", () => {
  const pair = explainPair(0, 1, evidence);

  it("counts shared users, with the cosine and the lift over chance", () => {
    expect(pair.users.shared).toBe(2);
    expect(pair.users.cosine).toBeCloseTo(2 / Math.sqrt(4 * 3), 12);
    expect(pair.users.lift).toBeCloseTo((2 * 6) / (4 * 3), 12);
    expect(explainPair(0, 3, evidence).users).toEqual({ shared: 0, cosine: null, lift: null });
  });

  it("compares every block around the mean of the training items, and gives null where one is missing", () => {
    expect(pair.content).toEqual([
      { name: "text", kind: "text", cosine: expect.closeTo(2 / (Math.sqrt(2) * 2), 6) },
      { name: "photo", kind: "image", cosine: 1 },
    ]);
    expect(explainPair(0, 2, evidence).content[1].cosine).toBeNull();
  });

  it("names shared categories and numbers", () => {
    expect(pair.attributes).toEqual({
      categories: [{ name: "category", values: ["Kitchen"] }],
      numbers: [{ name: "price", kind: "price", a: 12.5, b: 14 }],
    });
    expect(explainPair(2, 3, evidence).attributes).toEqual({ categories: [], numbers: [] });
  });

  it("lists shared words, the rarest first, and none that most of the catalog has", () => {
    expect(pair.words).toEqual(["stoneware", "ash", "an"]);
    expect(explainPair(0, 3, evidence).words).toEqual(["mug"]);
  });

  it("splits the served cosine exactly into behaviour and content, beside the priors and the factors alone", () => {
    const { served, fromBehaviour, fromContent, prior, factors } = pair.likeness;
    expect(served).toBeCloseTo(48 / (5 * 13), 6);
    expect(fromBehaviour).toBeCloseTo(0, 6);
    expect(fromContent).toBeCloseTo(48 / (5 * 13), 6);
    expect(prior).toBeCloseTo(Math.SQRT1_2, 6);
    expect(factors).toBe(0);
    expect(explainPair(0, 3, evidence).likeness.factors).toBeNull();
  });

  it("says it in plain words", () => {
    expect(pair.lines).toEqual([
      "2 shared users (as many as by chance)",
      "same category: Kitchen",
      "alike in price: 12.5 and 14",
      "both say 'stoneware', 'ash', 'an'",
      "texts much alike (.71)",
      "pictures much alike (1.00)",
      "served likeness .74 (content alone .71, behaviour alone .00)",
      "all of the likeness comes from content, since bowl has 3 interactions",
    ]);
    expect(pair.sentence).toBe(`${pair.lines.join("; ")}.`);
  });

  it.each([
    [0, 3, "all of the likeness comes from content, since new has no interactions"],
    [0, 2, "most of the likeness comes from content, since sofa has 2 interactions"],
  ])("says where the likeness of items %i and %i comes from", (a, b, line) => {
    expect(explainPair(a, b, evidence).lines.at(-1)).toBe(line);
    expect(explainPair(b, a, evidence).lines.at(-1)).toBe(line);
  });

  it("says that behaviour made it where content adds nothing to the cosine", () => {
    const behaved = { ...evidence, similar: { ...evidence.similar, behaviour: 3 } };
    expect(explainPair(0, 1, behaved).lines.at(-1)).toBe(
      "the likeness comes from behaviour: mug has 4 interactions, bowl has 3 interactions",
    );
  });

  it("says how many times as many users as by chance", () => {
    expect(explainPair(0, 2, evidence).lines[0]).toBe("1 shared user (0.75 times as many as by chance)");
  });

  it("says plainly what cannot be compared", () => {
    const { lines } = explainPair(0, 3, evidence);
    expect(lines).toContain("no shared users");
    expect(lines).toContain("pictures cannot be compared: one is missing");
    expect(lines).toContain("served likeness .76 (content alone .71, behaviour alone says nothing)");
  });

  it("is symmetric in its figures and refuses rows that are not there", () => {
    const { a, b, ...facts } = explainPair(1, 0, evidence);
    expect([b, a]).toEqual([pair.a, pair.b]);
    expect(facts.likeness).toEqual(pair.likeness);
    expect(facts.words).toEqual(pair.words);
    expect(() => explainPair(0, 4, evidence)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
