/** Fields as sparse rows against their definitions written out, and what their shares rest on. */
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../../src/data/catalog.ts";
import type { BlockPart } from "../../../src/data/feature-matrix.ts";
import { applyFields, fitFields, keptEnergy } from "../../../src/features/fields/fields-space.ts";
import type { SparseMatrix } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { catalogOf } from "../../encoders/encoding-fixtures.ts";

const options = { minimumCount: 2, dimension: "auto", shares: {} } as const;

const titles = ["red lamp", "red lamp lamp", "blue mug", "blue mug", "kettle", ""];
const catalog = catalogOf({
  titles,
  attributes: [
    { name: "kind", kind: "category", values: [["A > B"], ["A > C"], ["A > B"], ["D"], [], ["new"]] },
    { name: "price", kind: "price", values: Float64Array.of(1, 2, 4, 8, Number.NaN, 2) },
  ],
});
const all = [...titles.keys()];

function rowOfSparse({ indptr, indices, values }: SparseMatrix, i: number): Map<number, number> {
  return new Map(Array.from(indices.subarray(indptr[i], indptr[i + 1]), (j, p) => [j, values[indptr[i] + p]]));
}

function product(rows: SparseMatrix, i: number, j: number): number {
  const other = rowOfSparse(rows, j);
  return [...rowOfSparse(rows, i)].reduce((sum, [column, value]) => sum + value * (other.get(column) ?? 0), 0);
}

describe("fields", () => {
  it("have their terms, levels above levels, and idf-weighted rows of length 1", async () => {
    const { fields } = await fitFields({ catalog, rows: all }, options);
    expect(fields.map(({ name, terms }) => [name, terms])).toEqual([
      ["title", ["blue", "blue mug", "lamp", "mug", "red", "red lamp"]],
      ["title characters", [" blu", " lam", " mug", " red", "amp ", "blue", "lamp", "lue ", "mug ", "red "]],
      ["attribute kind", ["A", "A > B"]],
      ["attribute price", []],
    ]);
    const idf = (count: number, items: number) => 1 + Math.log((1 + items) / (1 + count));
    expect(fields[0].inverseFrequency[2]).toBeCloseTo(idf(2, 5), 5);
    expect(fields[1].inverseFrequency[4]).toBeCloseTo(idf(2, 5), 5);
    expect(fields[2].inverseFrequency[0]).toBeCloseTo(idf(3, 5), 5);
  });

  it("give the likeness of two items as the weighted sum of their likenesses field by field", async () => {
    const shares = { title: 0.5, "attribute kind": 0.3, "attribute price": 0.2 };
    const space = await fitFields({ catalog, rows: all }, { ...options, shares });
    const { sparse } = await applyFields(space, catalog);
    if (sparse === undefined) throw new Error("fields are sparse");
    expect(product(sparse, 0, 0)).toBeCloseTo(1, 5);
    // Item 3 has no known level: two of its fields are left.
    expect(product(sparse, 3, 3)).toBeCloseTo(0.7, 5);
    const [a, b] = [1 + Math.log(6 / 4), 1 + Math.log(6 / 3)];
    const levels = (a * a) / (a * Math.hypot(a, b));
    const words = [1, 1, 1].map(() => 1 + Math.log(6 / 3));
    const [one, two] = [words, [words[0], words[1] * (1 + Math.LN2), words[2]]];
    const cosine = one.reduce((sum, value, i) => sum + value * two[i], 0) / (Math.hypot(...one) * Math.hypot(...two));
    // Their prices are two quantiles apart: no hat is above both.
    expect(product(sparse, 0, 1)).toBeCloseTo(0.5 * cosine + 0.3 * levels, 5);
  });

  it("take shares that were learnt before, and share evenly where none of their fields was there", async () => {
    const sharesOf = async (parts: readonly BlockPart[], given = {}) => {
      const { fields } = await fitFields({ catalog, rows: all, parts }, { ...options, shares: given });
      return fields.map(({ share }) => share);
    };
    const parts = [
      { name: "title", share: 0.75 },
      { name: "attribute price", share: 0.25 },
    ];
    expect(await sharesOf(parts)).toEqual([0.75, 0, 0, 0.25]);
    expect(await sharesOf(parts, { title: 0.5 })).toEqual([0.5, 0, 0, 0.5]);
    for (const share of await sharesOf([{ name: "gone", share: 1 }])) expect(share).toBeCloseTo(1 / 4, 10);
  });

  it("know a title's word by its parts: inflected, misspelt or written together", async () => {
    const bolts = ["steel bolt", "steel bolts", "hex bolt", "hex bolt steel", "vase", "vase"];
    const space = await fitFields({ catalog: catalogOf({ titles: bolts }), rows: all }, options);
    const strangers = catalogOf({ titles: ["bolted", "steeel", "hexbolt", "vessel"] });
    expect([...(await applyFields(space, strangers)).presence]).toEqual([1, 1, 1, 0]);
    const wordsAlone = { ...options, shares: { "title characters": 0 } };
    const withoutParts = await fitFields({ catalog: catalogOf({ titles: bolts }), rows: all }, wordsAlone);
    expect([...(await applyFields(withoutParts, strangers)).presence]).toEqual([0, 0, 0, 0]);
  });

  it("know parts of a title in a script without blanks", async () => {
    const screws = ["不锈钢螺丝", "不锈钢螺丝刀", "木制花瓶", "木制花瓶架"];
    const space = await fitFields({ catalog: catalogOf({ titles: screws }), rows: [0, 1, 2, 3] }, options);
    const { sparse } = await applyFields(space, catalogOf({ titles: ["大不锈钢螺丝", "木制花瓶盖", "塑料"] }));
    if (sparse === undefined) throw new Error("fields are sparse");
    const columns = (row: number) => new Set(sparse.indices.subarray(sparse.indptr[row], sparse.indptr[row + 1]));
    expect(columns(0).size).toBeGreaterThan(0);
    expect(columns(1).size).toBeGreaterThan(0);
    expect([...columns(0)].filter((column) => columns(1).has(column))).toEqual([]);
    expect(columns(2).size).toBe(0);
  });

  it("leave an item without a known term out, and give a catalog without the columns empty rows", async () => {
    const space = await fitFields({ catalog, rows: all }, options);
    const strangers = catalogOf({ titles: ["unheard of", "red"] });
    const { presence, sparse, vectors } = await applyFields(space, strangers);
    expect([...presence]).toEqual([0, 1]);
    expect(sparse?.columns).toBe(space.projection.rows);
    expect(vectors.values.subarray(0, vectors.columns).every((value) => value === 0)).toBe(true);
  });

  it("are projected so that inner products stay, where the dimension is that of the rows", async () => {
    const space = await fitFields({ catalog, rows: all }, options);
    const values = await applyFields(space, catalog);
    expect(keptEnergy(values, all)).toBeCloseTo(1, 5);
    const narrow = await fitFields({ catalog, rows: all }, { ...options, dimension: 2 });
    expect(narrow.projection.columns).toBe(2);
    expect(keptEnergy(await applyFields(narrow, catalog), all)).toBeLessThan(0.9);
  });

  it("refuse a share of a field that is not there, naming the nearest", async () => {
    await expect(fitFields({ catalog, rows: all }, { ...options, shares: { titel: 0.4 } })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining('did you mean "title"'),
    });
  });
});

const ITEMS = 120;
const USERS = 240;
const TASTES = 6;

/** Users of one taste each; the brand says an item's taste, the colour says nothing, the label says the brand again. */
function tasteful(seed: number): { readonly catalog: Catalog; readonly behaviour: SparseMatrix } {
  const random = createRandom(seed);
  const taste = Array.from({ length: ITEMS }, () => random.integer(TASTES));
  const levels = (values: readonly string[]) => values.map((value) => [value]);
  const indptr = new Uint32Array(USERS + 1);
  const indices: number[] = [];
  for (let user = 0; user < USERS; user++) {
    for (let item = 0; item < ITEMS; item++) {
      if (random.next() < (taste[item] === user % TASTES ? 0.5 : 0.03)) indices.push(item);
    }
    indptr[user + 1] = indices.length;
  }
  const values = new Float32Array(indices.length).fill(1);
  return {
    catalog: catalogOf({
      titles: taste.map(() => ""),
      attributes: [
        { name: "brand", kind: "category", values: levels(taste.map((t) => `brand ${t}`)) },
        { name: "label", kind: "category", values: levels(taste.map((t) => `label ${t}`)) },
        { name: "colour", kind: "category", values: levels(taste.map(() => `colour ${random.integer(12)}`)) },
      ],
    }),
    behaviour: { rows: USERS, columns: ITEMS, indptr, indices: Uint32Array.from(indices), values },
  };
}

describe("shares of fields", () => {
  const { catalog: shop, behaviour } = tasteful(3);
  const rows = Array.from({ length: 100 }, (_, i) => i);

  it("go to what tells of behaviour: a copy divides its share, noise has none and keeps no level", async () => {
    const { fields } = await fitFields({ catalog: shop, rows, behaviour }, options);
    const shareOf = (name: string) => fields.find((field) => field.name === name)?.share ?? Number.NaN;
    expect(shareOf("attribute brand") + shareOf("attribute label")).toBeGreaterThan(0.98);
    expect(shareOf("attribute brand")).toBeCloseTo(shareOf("attribute label"), 1);
    expect(fields.find(({ name }) => name === "attribute colour")).toMatchObject({ share: 0, terms: [] });
  });

  it.each([1, 2, 3, 4, 5])("leave none to noise, whether of few levels or of many (draw %d)", async (seed) => {
    const { catalog: drawn, behaviour: clicks } = tasteful(seed);
    const random = createRandom(seed + 100);
    const noise = (levels: number) => ({
      name: `noise of ${levels}`,
      kind: "category" as const,
      values: drawn.ids.map(() => [`n${random.integer(levels)}`]),
    });
    const attributes = [...drawn.attributes.slice(0, 1), noise(3), noise(40)];
    const { fields } = await fitFields({ catalog: { ...drawn, attributes }, rows, behaviour: clicks }, options);
    expect(fields.map(({ share }) => share > 0)).toEqual([true, false, false]);
    expect(fields[0].share).toBeCloseTo(1, 6);
  });

  it("keep a telling field that one item in seven has", async () => {
    const [brand, ...others] = shop.attributes;
    if (brand.kind !== "category") throw new Error("brands are categories");
    const maker = { ...brand, name: "maker", values: brand.values.map((value, i) => (i % 7 === 0 ? value : [])) };
    const attributes = [maker, others[1]];
    const { fields } = await fitFields({ catalog: { ...shop, attributes }, rows, behaviour }, options);
    expect(fields.find(({ name }) => name === "attribute maker")?.share).toBeCloseTo(1, 6);
  });

  it("are equal where nothing is known of behaviour, and what is given stays given", async () => {
    const equal = await fitFields({ catalog: shop, rows }, options);
    expect(equal.fields.map(({ share }) => share)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    const given = { ...options, shares: { "attribute colour": 0.25 } };
    const { fields } = await fitFields({ catalog: shop, rows, behaviour }, given);
    expect(fields[2].share).toBeCloseTo(0.25, 6);
    expect(fields[0].share + fields[1].share).toBeCloseTo(0.75, 6);
  });

  it("vocabulary, frequencies, shares and projection never see an item that is held out", async () => {
    const fitted = await fitFields({ catalog: shop, rows, behaviour }, options);
    const other = tasteful(4);
    const changed: Catalog = {
      ...shop,
      titles: shop.titles.map((title, i) => (i < 100 ? title : "seen by nobody")),
      attributes: shop.attributes.map((attribute, a) => {
        const theirs = other.catalog.attributes[a];
        if (attribute.kind !== "category" || theirs.kind !== "category") return attribute;
        return { ...attribute, values: attribute.values.map((value, i) => (i < 100 ? value : theirs.values[i])) };
      }),
    };
    // Held-out items lose their interactions too, as a split does it.
    const isKept = Array.from(behaviour.indices, (item) => item < 100);
    const indptr = behaviour.indptr.map((end) => isKept.slice(0, end).filter(Boolean).length);
    const hidden = {
      ...behaviour,
      indptr,
      indices: behaviour.indices.filter((_, p) => isKept[p]),
      values: behaviour.values.filter((_, p) => isKept[p]),
    };
    expect(await fitFields({ catalog: changed, rows, behaviour: hidden }, options)).toEqual(
      await fitFields({ catalog: shop, rows, behaviour: hidden }, options),
    );
    expect(await fitFields({ catalog: changed, rows, behaviour }, options)).toEqual(fitted);
  });

  it("are the same bytes every time", async () => {
    const again = () => fitFields({ catalog: shop, rows, behaviour }, options);
    expect(await again()).toEqual(await again());
  });
});
