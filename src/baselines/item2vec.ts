/**
 * Baseline `item2vec`: skip-gram with negative sampling on users' items (Barkan and Koenigstein 2016). For pairs (i, j) that a user
 * took, and items n drawn in proportion to support^e,
 *
 *   max  ln s(v_i . c_j) + sum_n ln s(-v_i . c_n),    s the logistic function.
 *
 * A user's items have no order: in every pass each meets some others of them, drawn anew. Users are the mean direction of their items.
 */
import { z } from "zod";
import { itemSupport } from "../data/interactions.ts";
import { factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { lowerBound } from "../math/lower-bound.ts";
import { type Matrix, type SparseMatrix, zeros } from "../math/matrix.ts";
import { createRandom, type Random } from "../math/random.ts";
import { unitRows } from "../math/row-norms.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { Baseline } from "./model-kind.ts";
import { onesOf } from "./taken-items.ts";

/** Sizes of word2vec; many passes and a flatter draw suit baskets better than sentences (Caselles-Dupre et al. 2018). */
export const item2vecOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(64).describe("length of the vectors"),
  epochs: z.int().min(1).default(30).describe("passes over the interactions"),
  window: z.int().min(1).default(3).describe("other items of the user that an item meets in a pass, at most"),
  negatives: z.int().min(1).default(5).describe("drawn items against every pair"),
  negativeExponent: z.number().min(-1).max(1).default(0.75).describe("e: 1 draws items by their support, 0 all alike"),
  learningRate: z.number().positive().default(0.1).describe("size of the first step; it falls to zero"),
  seed: z.int().default(1).describe("seed of the start and of the draws"),
});

export type Item2vecOptions = z.input<typeof item2vecOptionsSchema>;

export interface Item2vec {
  /** v, the vectors that are used: items x k. Zeros for an item without interactions. */
  readonly items: Matrix;
  /** c, their other side: items x k. */
  readonly contexts: Matrix;
}

/** Fits on `train` (users x items, values ignored). */
export function fitItem2vec(train: SparseMatrix, options: Item2vecOptions = {}, context: RunContext = {}): Item2vec {
  const { rank, epochs, window, negatives, negativeExponent, learningRate, seed } = parseOptions(
    item2vecOptionsSchema,
    options,
    "item2vec",
  );
  const random = createRandom(seed);
  const support = itemSupport(train);
  const model = { items: startVectors(random, support, rank), contexts: zeros(train.columns, rank) };
  const drawNegative = sampler(support, negativeExponent, random);
  const change = new Float32Array(rank);
  for (let epoch = 0; epoch < epochs; epoch++) {
    throwIfInterrupted(context);
    for (let user = 0; user < train.rows; user++) {
      const rate = learningRate * (1 - (epoch + user / train.rows) / epochs);
      const taken = train.indices.slice(train.indptr[user], train.indptr[user + 1]);
      for (const [i, j] of pairsOf(taken, window, random)) {
        change.fill(0);
        pull(model, i, j, 1, rate, change);
        for (let n = 0; n < negatives; n++) {
          const drawn = drawNegative();
          if (drawn !== j) pull(model, i, drawn, 0, rate, change);
        }
        const from = i * rank;
        for (let d = 0; d < rank; d++) model.items.values[from + d] += change[d];
      }
    }
    context.onProgress?.({ stage: "item2vec", done: epoch + 1, total: epochs });
  }
  return model;
}

/** score(u, j) = cosine of v_j with the sum of the directions of u's items. */
export async function item2vecContender(
  train: SparseMatrix,
  { items }: Item2vec,
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const directions = sharedMatrix(unitRows(items));
  const binary = onesOf(train);
  const users = await backend.multiplySparse(binary, directions);
  const similar = factorRanker(directions, directions, backend);
  return { name: "item2vec", ...factorRanker(users, directions, backend), similar };
}

/** Uniform numbers of word2vec's size; nothing for items that nobody took. */
function startVectors(random: Random, support: Uint32Array, rank: number): Matrix {
  const vectors = zeros(support.length, rank);
  for (let p = 0; p < vectors.values.length; p++) {
    vectors.values[p] = support[Math.floor(p / rank)] > 0 ? (random.next() - 0.5) / rank : 0;
  }
  return vectors;
}

/** Items in proportion to support^exponent, by halving the cumulated weights. */
function sampler(support: Uint32Array, exponent: number, random: Random): () => number {
  const cumulated = new Float64Array(support.length);
  let total = 0;
  for (const [item, count] of support.entries()) {
    total += count > 0 ? count ** exponent : 0;
    cumulated[item] = total;
  }
  // The draw is above zero: no item of weight 0 is ever the first to reach it.
  return () => lowerBound(cumulated, (1 - random.next()) * total);
}

/** Each of the items with up to `window` others, drawn; with all of them where there are no more. */
function* pairsOf(taken: Uint32Array, window: number, random: Random): Generator<readonly [number, number]> {
  const others = taken.length - 1;
  const count = Math.min(window, others);
  for (const [place, item] of taken.entries()) {
    for (let n = 0; n < count; n++) {
      const step = others <= window ? n : random.integer(others);
      yield [item, taken[(place + 1 + step) % taken.length]];
    }
  }
}

/** A step of c_other towards or away from v_item; that of v_item is added to `change`. */
function pull(
  { items, contexts }: Item2vec,
  item: number,
  other: number,
  target: number,
  rate: number,
  change: Float32Array,
): void {
  const rank = change.length;
  const [v, c] = [item * rank, other * rank];
  let x = 0;
  for (let d = 0; d < rank; d++) x += items.values[v + d] * contexts.values[c + d];
  const step = rate * (target - 1 / (1 + Math.exp(-x)));
  for (let d = 0; d < rank; d++) {
    change[d] += step * contexts.values[c + d];
    contexts.values[c + d] += step * items.values[v + d];
  }
}

export const item2vecKind: Baseline<Item2vecOptions> = {
  name: "item2vec",
  words: "items as words: vectors of those that the same users took are near",
  knowsContent: false,
  needsBehaviour: true,
  schema: item2vecOptionsSchema.omit({ seed: true }),
  choice: {
    grid: [0.75, 0.25, -0.5].map((negativeExponent) => ({ negativeExponent })),
    judgedOn: "warm",
  },
  fit: async ({ train, seed, context }, options) =>
    item2vecContender(train, fitItem2vec(train, { ...options, seed }, context)),
};
