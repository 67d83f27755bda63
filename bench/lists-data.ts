/** A bundle in memory as lists read it: seeded vectors, interactions, categories, brands and stock; nothing that only a fit makes. */
import type { Bundle } from "../src/bundle/bundle.ts";
import type { Interactions } from "../src/data/interactions.ts";
import { sharedMatrix } from "../src/math/compute/shared-memory.ts";
import type { Matrix } from "../src/math/matrix.ts";
import { createRandom, type Random } from "../src/math/random.ts";

export interface ListsSize {
  readonly users: number;
  readonly items: number;
  readonly dimensions: number;
}

const [TAKEN, CATEGORIES, BRANDS] = [30, 200, 5000];

export function listsBundle({ users, items, dimensions }: ListsSize): Bundle {
  const random = createRandom(1);
  const ids = names("item", items);
  const interactions = takenBy(users, items, random);
  const vectors = normal(items, dimensions, random);
  const userVectors = normal(users, dimensions, random);
  const category = (name: string, levels: number) => ({
    name,
    kind: "category" as const,
    values: ids.map(() => [`${name} ${random.integer(levels)}`]),
  });
  const stock = { name: "stock", kind: "number" as const, values: Float64Array.from(ids, () => random.integer(10)) };
  const price = { name: "price", kind: "price" as const, values: prices(items, random) };
  const support = new Uint32Array(items);
  for (const item of interactions.indices) support[item]++;
  const catalog = {
    ids,
    titles: ids,
    descriptions: ids.map(() => ""),
    images: ids.map(() => null),
    attributes: [category("category", CATEGORIES), category("brand", BRANDS), stock, price],
  };
  const embeddings = {
    vectors,
    rank: dimensions,
    support,
    source: ids.map(() => "blend"),
    uncertainty: new Float32Array(items),
  };
  const model = { embeddings, userVectors, prior: vectors, als: { itemFactors: vectors } };
  const bundle = { catalog, userIds: names("user", users), interactions, model, manifest: { tailDefault: 0.3 } };
  // Lists read no more of a bundle than this.
  return bundle as unknown as Bundle;
}

function names(what: string, count: number): string[] {
  return Array.from({ length: count }, (_, row) => `${what}-${row}`);
}

function normal(rows: number, columns: number, random: Random): Matrix {
  return sharedMatrix({ rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.normal()) });
}

/** From 3 to 300 for most, in cents. */
function prices(count: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => Math.round(3000 * Math.exp(random.normal())) / 100);
}

function takenBy(users: number, items: number, random: Random): Interactions {
  const indices = new Uint32Array(users * TAKEN);
  for (let user = 0; user < users; user++) {
    const own = new Set<number>();
    while (own.size < TAKEN) own.add(random.integer(items));
    indices.set(Uint32Array.from(own).sort(), user * TAKEN);
  }
  const indptr = Uint32Array.from({ length: users + 1 }, (_, user) => user * TAKEN);
  return { rows: users, columns: items, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}
