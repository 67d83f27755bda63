/** A small catalog for stores, with everything that trips them: quotes, empty lists, missing numbers, vectors of uneven lengths. */
import type { Attribute, Catalog } from "../../src/data/catalog.ts";
import { createRandom } from "../../src/math/random.ts";
import type { StoreContent } from "../../src/stores/store-content.ts";
import type { Metric } from "../../src/stores/store-kind.ts";

export const DIMENSION = 16;

export interface StoreWorld {
  readonly catalog: Catalog;
  readonly content: StoreContent;
}

const BRANDS = ["Acme", `O'Neill "&" Co`, "Kännchen", "back\\slash"];

/** `count` items; another seed gives other vectors for the same items. */
export function storeWorld(metric: Metric, count: number, seed = 1): StoreWorld {
  const random = createRandom(7);
  const rows = Array.from({ length: count }, (_, row) => row);
  const attributes: Attribute[] = [
    {
      name: "brand",
      kind: "category",
      values: rows.map((row) =>
        row % 7 === 0 ? [] : row % 5 === 0 ? ["Acme", BRANDS[1]] : [BRANDS[random.integer(4)]],
      ),
    },
    {
      name: "price in EUR",
      kind: "price",
      values: Float64Array.from(rows, (row) => (row % 9 === 0 ? Number.NaN : random.integer(100) / 2)),
    },
  ];
  const catalog: Catalog = {
    ids: rows.map((row) => `item ${row} 'ü'`),
    titles: rows.map((row) => (row % 4 === 0 ? "" : `Title "${row}"\nsecond line 茶`)),
    descriptions: rows.map(() => ""),
    images: rows.map(() => null),
    attributes,
  };
  const drawn = createRandom(seed);
  const items = rows.map((row) => {
    const length = Math.exp(drawn.normal());
    return {
      id: catalog.ids[row],
      title: catalog.titles[row],
      source: ["content", "blend", "behaviour"][row % 3],
      support: row % 50,
      uncertainty: Math.fround(drawn.next()),
      attributes: attributes.map(({ kind, values }) => {
        const value = values[row];
        if (kind === "category") return value as readonly string[];
        return Number.isNaN(value) ? null : (value as number);
      }),
      vector: Float32Array.from({ length: DIMENSION }, () => length * drawn.normal()),
    };
  });
  const stored = [
    { name: "brand", kind: "category" as const },
    { name: "price in EUR", kind: "number" as const },
  ];
  return { catalog, content: { purpose: "similar", metric, dimension: DIMENSION, attributes: stored, items } };
}

/** Ids of the nearest items among those whose flag is set, by the definition. */
export function nearest(
  { metric, items }: StoreContent,
  query: Float32Array,
  count: number,
  flags?: Uint8Array,
): { readonly id: string; readonly score: number }[] {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d], 0);
  const scored = items.map(({ id, vector }) => {
    const product = dot(query, vector);
    return { id, score: metric === "dot" ? product : product / Math.sqrt(dot(query, query) * dot(vector, vector)) };
  });
  const allowed = scored.filter((_, row) => flags === undefined || flags[row] === 1);
  return allowed.sort((a, b) => b.score - a.score).slice(0, count);
}
