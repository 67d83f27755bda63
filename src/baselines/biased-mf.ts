/**
 * Baseline `biased-mf`: explicit matrix factorisation with biases (Koren, Bell and Volinsky 2009), by stochastic gradient steps:
 *
 *   r_ui ~ m + b_u + b_i + p_u . q_i,   squared error + l (b_u^2 + b_i^2 + |p_u|^2 + |q_i|^2)
 *
 * It predicts ratings (RMSE, MAE); as a ranker it orders items by the predicted rating. Values of `train` are the ratings.
 */

import { z } from "zod";
import { cosines, factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type Matrix, type SparseMatrix, zeros } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import { mean } from "../math/statistics.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { Baseline } from "./model-kind.ts";

/** Defaults of Surprise's SVD (Hug 2020). */
export const biasedMfOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(100).describe("length of the vectors"),
  epochs: z.int().min(1).default(20).describe("passes over the ratings"),
  learningRate: z.number().positive().default(0.005).describe("size of a step"),
  regularization: z.number().min(0).default(0.02).describe("strength of the shrinkage of biases and vectors"),
  seed: z.int().default(1).describe("seed of the start and of the draws"),
});

export type BiasedMfOptions = z.input<typeof biasedMfOptionsSchema>;

export interface BiasedMf {
  readonly mean: number;
  readonly userBias: Float32Array;
  readonly itemBias: Float32Array;
  /** users x rank, items x rank. */
  readonly userFactors: Matrix;
  readonly itemFactors: Matrix;
}

/** Fits the ratings, the stored values of `train` (users x items). */
export function fitBiasedMf(train: SparseMatrix, options: BiasedMfOptions = {}, context: RunContext = {}): BiasedMf {
  const { rank, epochs, learningRate, regularization, seed } = parseOptions(
    biasedMfOptionsSchema,
    options,
    "biased-mf",
  );
  const random = createRandom(seed);
  const small = (rows: number): Matrix => ({
    ...zeros(rows, rank),
    values: Float32Array.from({ length: rows * rank }, () => 0.1 * random.normal()),
  });
  const model: BiasedMf = {
    mean: mean(train.values),
    userBias: new Float32Array(train.rows),
    itemBias: new Float32Array(train.columns),
    userFactors: small(train.rows),
    itemFactors: small(train.columns),
  };
  const userOf = usersOfEntries(train);
  const order = Uint32Array.from(userOf.keys());
  for (let epoch = 0; epoch < epochs; epoch++) {
    throwIfInterrupted(context);
    random.shuffle(order);
    for (const p of order) step(model, userOf[p], train.indices[p], train.values[p], learningRate, regularization);
    context.onProgress?.({ stage: "biased-mf", done: epoch + 1, total: epochs });
  }
  return model;
}

/** m + b_u + b_i + p_u . q_i. */
export function predictRating(model: BiasedMf, user: number, item: number): number {
  const { userFactors, itemFactors } = model;
  const rank = userFactors.columns;
  let sum = model.mean + model.userBias[user] + model.itemBias[item];
  for (let d = 0; d < rank; d++) sum += userFactors.values[user * rank + d] * itemFactors.values[item * rank + d];
  return sum;
}

/** The model as a contender; what is the same for all items of a user changes no order and is left out. */
export function biasedMfContender({ userFactors, itemFactors, itemBias }: BiasedMf): ScoredContender {
  const queries = withColumn(userFactors, () => 1);
  return {
    name: "biased-mf",
    ...factorRanker(
      queries,
      withColumn(itemFactors, (item) => itemBias[item]),
    ),
    similar: cosines(itemFactors),
  };
}

function step(model: BiasedMf, user: number, item: number, rating: number, rate: number, l: number): void {
  const { userBias, itemBias, userFactors, itemFactors } = model;
  const error = rating - predictRating(model, user, item);
  userBias[user] += rate * (error - l * userBias[user]);
  itemBias[item] += rate * (error - l * itemBias[item]);
  const rank = userFactors.columns;
  for (let d = 0; d < rank; d++) {
    const [p, q] = [userFactors.values[user * rank + d], itemFactors.values[item * rank + d]];
    userFactors.values[user * rank + d] += rate * (error * q - l * p);
    itemFactors.values[item * rank + d] += rate * (error * p - l * q);
  }
}

export function usersOfEntries({ rows, indptr, indices }: SparseMatrix): Uint32Array {
  const users = new Uint32Array(indices.length);
  for (let user = 0; user < rows; user++) users.fill(user, indptr[user], indptr[user + 1]);
  return users;
}

function withColumn(matrix: Matrix, valueAt: (row: number) => number): Matrix {
  const wider = zeros(matrix.rows, matrix.columns + 1);
  for (let i = 0; i < matrix.rows; i++) {
    wider.values.set(matrix.values.subarray(i * matrix.columns, (i + 1) * matrix.columns), i * wider.columns);
    wider.values[(i + 1) * wider.columns - 1] = valueAt(i);
  }
  return wider;
}

export const biasedMfKind: Baseline<BiasedMfOptions> = {
  name: "biased-mf",
  words: "explicit matrix factorisation with biases; items in the order of the predicted rating",
  knowsContent: false,
  schema: biasedMfOptionsSchema.omit({ seed: true }),
  fit: ({ train, seed, context }, options) => biasedMfContender(fitBiasedMf(train, { ...options, seed }, context)),
};
