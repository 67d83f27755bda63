/**
 * A small made world: item factors are linear in the items' features, users take the items that suit their taste, and every item
 * has a popularity of its own. Whoever learns the linear map knows what users will think of an item that nobody has met.
 */
import type { FeatureMatrix } from "../../src/data/feature-matrix.ts";
import { createInteractions, type Interactions } from "../../src/data/interactions.ts";
import { type Matrix, rowOf, takeRows } from "../../src/math/matrix.ts";
import { createRandom, type Random } from "../../src/math/random.ts";
import { dot } from "./comparisons.ts";
import { featureBlocks } from "./feature-blocks.ts";
import { randomMatrix } from "./matrices.ts";

export interface World {
  readonly interactions: Interactions;
  /** Blocks "text" (6 columns), which tells most, and "price" (2 columns). */
  readonly features: FeatureMatrix;
  /** What every user thinks of every item: users x items. */
  readonly affinity: Matrix;
}

export interface WorldSize {
  readonly users: number;
  readonly items: number;
  readonly perUser: number;
}

const RANK = 4;
const WIDTH = 8;

export function makeWorld(seed: number, { users, items, perUser }: WorldSize): World {
  const random = createRandom(seed);
  const values = randomMatrix(random, items, WIDTH);
  const map = randomMatrix(random, RANK, WIDTH);
  const tastes = randomMatrix(random, users, RANK);
  const popularity = Float64Array.from({ length: items }, () => random.normal());
  const affinity = { rows: users, columns: items, values: new Float32Array(users * items) };
  for (let i = 0; i < items; i++) {
    const factors = Array.from({ length: RANK }, (_, d) => dot(rowOf(values, i), rowOf(map, d)) / Math.sqrt(WIDTH));
    for (let u = 0; u < users; u++) affinity.values[u * items + i] = dot(rowOf(tastes, u), factors);
  }
  const shapes = [
    { name: "text", dimension: 6 },
    { name: "price", dimension: 2 },
  ];
  const taken = Array.from({ length: users }, (_, u) => takenBy(random, rowOf(affinity, u), popularity, perUser));
  const interactions = createInteractions(users, items, {
    users: taken.flatMap((row, u) => row.map(() => u)),
    items: taken.flat(),
    values: taken.flat().map(() => 1),
  });
  return { interactions, features: featureBlocks(values, shapes), affinity };
}

/** The items with the highest affinity + popularity + Gumbel noise: a draw without replacement from their softmax. */
function takenBy(random: Random, affinity: Float32Array, popularity: Float64Array, count: number): number[] {
  const merits = Array.from(
    affinity,
    (value, i) => 1.5 * value + popularity[i] - Math.log(-Math.log(1 - random.next())),
  );
  const order = merits.map((_, i) => i).sort((a, b) => merits[b] - merits[a]);
  return order.slice(0, count);
}

/** The same features on other items. */
export function shuffledFeatures(features: FeatureMatrix, seed: number): FeatureMatrix {
  const order = Array.from({ length: features.values.rows }, (_, i) => i);
  createRandom(seed).shuffle(order);
  return { ...features, values: takeRows(features.values, order), presence: takeRows(features.presence, order) };
}
