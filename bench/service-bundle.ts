/** A bundle of any number of items: a small one's rows over and over with a little noise, for benchmarks of the service. */
import { type Bundle, loadBundle, saveBundle } from "../src/bundle/bundle.ts";
import type { Attribute } from "../src/data/catalog.ts";
import { type Matrix, rowOf, zeros } from "../src/math/matrix.ts";
import { createRandom } from "../src/math/random.ts";

const NOISE = 0.05;

/** Writes the bundle in `from` with `items` items to `to`; users and what they did stay. */
export async function saveRepeated(from: string, to: string, items: number): Promise<void> {
  await saveBundle(to, repeated(await loadBundle(from), items));
}

function repeated(bundle: Bundle, items: number): Bundle {
  const { catalog, model, features } = bundle;
  const known = catalog.ids.length;
  const pick = <T>(values: readonly T[]): T[] => Array.from({ length: items }, (_, i) => values[i % known]);
  const many = (matrix: Matrix) => noisy(matrix, items);
  const { embeddings, als, similar } = model;
  return {
    ...bundle,
    catalog: {
      ...catalog,
      ids: Array.from({ length: items }, (_, i) => (i < known ? catalog.ids[i] : `${catalog.ids[i % known]}-${i}`)),
      titles: pick(catalog.titles),
      descriptions: pick(catalog.descriptions),
      images: pick(catalog.images),
      attributes: catalog.attributes.map((attribute) => repeatedAttribute(attribute, items)),
    },
    interactions: { ...bundle.interactions, columns: items },
    features: { blocks: features.blocks, values: many(features.values), presence: tiled(features.presence, items) },
    model: {
      ...model,
      als: { ...als, itemFactors: many(als.itemFactors) },
      prior: many(model.prior),
      behaviour: many(model.behaviour),
      embeddings: {
        ...embeddings,
        vectors: many(embeddings.vectors),
        support: Uint32Array.from({ length: items }, (_, i) => embeddings.support[i % known]),
        source: pick(embeddings.source),
        uncertainty: Float32Array.from({ length: items }, (_, i) => embeddings.uncertainty[i % known]),
      },
      ...(similar && { similar: { ...similar, vectors: many(similar.vectors) } }),
    },
  };
}

function tiled(matrix: Matrix, rows: number): Matrix {
  const tall = zeros(rows, matrix.columns);
  for (let i = 0; i < rows; i++) tall.values.set(rowOf(matrix, i % matrix.rows), i * matrix.columns);
  return tall;
}

function noisy(matrix: Matrix, rows: number): Matrix {
  const tall = tiled(matrix, rows);
  const random = createRandom(1);
  for (let p = matrix.values.length; p < tall.values.length; p++) tall.values[p] *= 1 + NOISE * (2 * random.next() - 1);
  return tall;
}

function repeatedAttribute(attribute: Attribute, items: number): Attribute {
  const known = attribute.values.length;
  if (attribute.kind === "category") {
    return { ...attribute, values: Array.from({ length: items }, (_, i) => attribute.values[i % known]) };
  }
  return { ...attribute, values: Float64Array.from({ length: items }, (_, i) => attribute.values[i % known]) };
}
