/**
 * Options of the baselines that have any. Defaults come from the literature that each names; a pipeline chooses those of the
 * neighbourhood models, content-ridge and ease on an inner split of its training data (src/experiment/baseline-choices.ts). No test target chose any.
 */
import { z } from "zod";

const seed = z.int().default(1).describe("seed of the start and of the draws");

/** 100 neighbours and a shrunk cosine, as is usual since Bell and Koren 2007. */
const neighbours = z.int().min(1).default(100);
const shrinkage = z
  .number()
  .min(0)
  .default(10)
  .describe("added to the denominator of the cosine: damps chance co-occurrence");

export const itemKnnOptionsSchema = z.strictObject({
  neighbours: neighbours.describe("neighbours kept per item"),
  shrinkage,
});

export const userKnnOptionsSchema = z.strictObject({
  neighbours: neighbours.describe("neighbours asked per user"),
  shrinkage,
});

/** Those of implicit ALS (Rendle et al. 2022): the same equation with the items' side fixed. */
export const contentRidgeOptionsSchema = z.strictObject({
  unobservedWeight: z.number().min(0).default(0.1).describe("weight of every user-item pair's target 0"),
  regularization: z.number().positive().default(0.1).describe("strength of the ridge"),
  regularizationExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("0 regularises all users alike, 1 in proportion to their data"),
});

export const popularInClusterOptionsSchema = z.strictObject({
  clusters: z.int().min(1).default(20).describe("groups of users"),
  shrinkage: z.number().min(0).default(10).describe("takers of the overall popularity that are added to every group"),
  seed,
});

/** The defaults of Surprise's SVD (Hug 2020). */
export const biasedMfOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(100).describe("length of the vectors"),
  epochs: z.int().min(1).default(20).describe("passes over the ratings"),
  learningRate: z.number().positive().default(0.005).describe("size of a step"),
  regularization: z.number().min(0).default(0.02).describe("strength of the shrinkage of biases and vectors"),
  seed,
});

/** The defaults of the implicit library (Frederickson), whose rank is 100. */
export const bprOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(100).describe("length of the vectors, their bias apart"),
  epochs: z.int().min(1).default(100).describe("passes: as many draws as there are interactions"),
  learningRate: z.number().positive().default(0.01).describe("size of a step"),
  regularization: z.number().min(0).default(0.01).describe("strength of the shrinkage"),
  seed,
});

export const easeOptionsSchema = z.strictObject({
  regularization: z.number().positive().default(100).describe("l on the diagonal: strength of the shrinkage"),
});

export type ItemKnnOptions = z.input<typeof itemKnnOptionsSchema>;
export type UserKnnOptions = z.input<typeof userKnnOptionsSchema>;
export type ContentRidgeOptions = z.input<typeof contentRidgeOptionsSchema>;
export type PopularInClusterOptions = z.input<typeof popularInClusterOptionsSchema>;
export type BiasedMfOptions = z.input<typeof biasedMfOptionsSchema>;
export type BprOptions = z.input<typeof bprOptionsSchema>;
export type EaseOptions = z.input<typeof easeOptionsSchema>;
