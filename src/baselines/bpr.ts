/**
 * Baseline `bpr`: Bayesian personalised ranking (Rendle et al. 2009). Stochastic ascent on ln s(x_uij), x_uij = x_ui - x_uj, over drawn
 * interactions (u, i) and items j that u has not taken, drawn uniformly: x_ui = b_i + w_u . h_i, s the logistic function.
 */

import { z } from "zod";
import { cosines, factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type Matrix, type SparseMatrix, zeros } from "../math/matrix.ts";
import { createRandom, type Random } from "../math/random.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { usersOfEntries } from "./biased-mf.ts";
import type { Baseline } from "./model-kind.ts";
import { hasTaken } from "./taken-items.ts";

/** Rank, passes and shrinkage are the defaults of the implicit library (Frederickson). Its step of .01 ends near popularity. */
export const bprOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(100).describe("length of the vectors, their bias apart"),
  epochs: z.int().min(1).default(100).describe("passes: as many draws as there are interactions"),
  learningRate: z.number().positive().default(0.1).describe("size of a step"),
  regularization: z.number().min(0).default(0.01).describe("strength of the shrinkage"),
  seed: z.int().default(1).describe("seed of the start and of the draws"),
});

export type BprOptions = z.input<typeof bprOptionsSchema>;

/** Fits on `train` (users x items, values ignored). */
export function bpr(train: SparseMatrix, options: BprOptions = {}, context: RunContext = {}): ScoredContender {
  const { rank, epochs, learningRate, regularization, seed } = parseOptions(bprOptionsSchema, options, "bpr");
  const random = createRandom(seed);
  // The last column is the bias: 1 for users, learned for items.
  const queries = startVectors(random, train.rows, rank, 1);
  const items = startVectors(random, train.columns, rank, 0);
  const userOf = usersOfEntries(train);
  for (let epoch = 0; epoch < epochs; epoch++) {
    throwIfInterrupted(context);
    for (let draw = 0; draw < userOf.length; draw++) {
      const p = random.integer(userOf.length);
      const other = random.integer(train.columns);
      if (hasTaken(train, userOf[p], other)) continue;
      ascend(queries, items, userOf[p], train.indices[p], other, learningRate, regularization);
    }
    context.onProgress?.({ stage: "bpr", done: epoch + 1, total: epochs });
  }
  return { name: "bpr", ...factorRanker(queries, items), similar: cosines(items) };
}

function startVectors(random: Random, rows: number, rank: number, last: number): Matrix {
  const vectors = zeros(rows, rank + 1);
  for (let p = 0; p < vectors.values.length; p++) {
    vectors.values[p] = p % (rank + 1) === rank ? last : (random.next() - 0.5) / rank;
  }
  return vectors;
}

function ascend(w: Matrix, h: Matrix, user: number, taken: number, other: number, rate: number, l: number): void {
  const size = w.columns;
  const [u, i, j] = [user * size, taken * size, other * size];
  let x = 0;
  for (let d = 0; d < size; d++) x += w.values[u + d] * (h.values[i + d] - h.values[j + d]);
  const pull = 1 / (1 + Math.exp(x));
  for (let d = 0; d < size; d++) {
    const [wu, hi, hj] = [w.values[u + d], h.values[i + d], h.values[j + d]];
    if (d < size - 1) w.values[u + d] += rate * (pull * (hi - hj) - l * wu);
    h.values[i + d] += rate * (pull * wu - l * hi);
    h.values[j + d] -= rate * (pull * wu + l * hj);
  }
}

export const bprKind: Baseline<BprOptions> = {
  name: "bpr",
  words: "vectors that rank what a user took above what the user did not",
  knowsContent: false,
  schema: bprOptionsSchema.omit({ seed: true }),
  choice: { grid: [0.1, 0.03, 0.3].map((learningRate) => ({ learningRate })), judgedOn: "warm" },
  fit: ({ train, seed, context }, options) => bpr(train, { ...options, seed }, context),
};
