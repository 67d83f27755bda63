/** Options of the regressor f: features -> factors. */
import { z } from "zod";

const formSchema = z.enum(["linear", "cosine", "rbf"]);

const kernelRidgeSchema = z.strictObject({
  forms: z.array(formSchema).min(1).default(["rbf"]).describe("kernels of every block, summed"),
  blockForms: z
    .record(z.string(), z.array(formSchema))
    .default({})
    .describe("kernels of single blocks by name, in place of forms; an empty list leaves the block out"),
  bandwidths: z
    .array(z.number().positive())
    .min(1)
    .default([1, 0.7, 1.4])
    .describe("widths of the rbf kernel to try, against the median distance of items"),
  maximumTeachers: z
    .int()
    .min(5)
    .default(6000)
    .describe(
      "with more teaching items than this, landmarks span the solution; memory and time grow with its square and cube",
    ),
  landmarks: z.int().min(5).default(1500).describe("size of the seeded sample of landmarks"),
});

const knnSchema = z.strictObject({
  neighbours: z.array(z.int().min(1)).min(1).default([5, 10, 20, 50, 100]).describe("numbers of neighbours to try"),
  shrinkage: z
    .array(z.number().positive())
    .min(1)
    .default([0.1, 0.5, 2, 8])
    .describe("weights of the mean, in units of a neighbour of the same content, to try"),
});

const mlpSchema = z.strictObject({
  width: z.int().min(1).default(256).describe("units of the trunk"),
  depth: z.int().min(0).default(2).describe("residual layers of the trunk"),
  dropout: z.number().min(0).lt(1).default(0.3).describe("share of the units left out in a step"),
  blockDropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.15)
    .describe("chance that a training item loses a whole block, so that a missing one is normal"),
  epochs: z
    .union([z.literal("auto"), z.int().min(0)])
    .default("auto")
    .describe("passes over the items, or auto: stopped early on held-out warm items; 0 is the ridge it starts from"),
  maximumEpochs: z.int().min(1).default(40).describe("most passes that auto tries"),
  patience: z.int().min(1).default(10).describe("passes without improvement after which auto stops"),
  batch: z.int().min(1).default(256).describe("items of a step"),
  learningRate: z.number().positive().default(1e-3).describe("step size of Adam"),
  weightDecay: z.number().min(0).default(0.01).describe("share of the weights taken away a step, times the step size"),
  members: z.int().min(1).default(3).describe("networks of different seeds, averaged"),
});

export const regressorOptionsSchema = z.strictObject({
  kind: z
    .enum(["ridge", "kernel-ridge", "knn", "mlp", "auto"])
    .default("ridge")
    .describe("the method, or auto: the best of `kinds` on held-out items treated as cold"),
  kinds: z
    .array(z.enum(["ridge", "kernel-ridge", "knn", "mlp"]))
    .min(1)
    .default(["ridge", "kernel-ridge", "knn", "mlp"])
    .describe("methods that kind: auto tries"),
  regularization: z
    .union([z.literal("auto"), z.number().positive()])
    .default("auto")
    .describe("ridge penalty per teaching item, or auto: chosen on held-out warm items treated as cold"),
  candidates: z
    .array(z.number().positive())
    .min(1)
    .default([1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1])
    .describe("penalties that auto tries"),
  kernelRidge: kernelRidgeSchema.prefault({}).describe("ridge in dual form on kernels of the blocks"),
  knn: knnSchema.prefault({}).describe("factors of the nearest items by content"),
  mlp: mlpSchema.prefault({}).describe("a residual network beside the ridge"),
  holdoutShare: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.2)
    .describe("share of the warm items held out to choose and to measure residuals"),
  minimumSupport: z.int().min(1).default(1).describe("an item teaches the regressor from this support on"),
  supportExponent: z.number().min(0).default(0).describe("an item weighs support^exponent; 0 weighs all alike"),
  seed: z.int().default(1).describe("seed of the holdout, of landmarks and of networks"),
});

export type RegressorOptions = z.input<typeof regressorOptionsSchema>;
export type ResolvedRegressorOptions = z.output<typeof regressorOptionsSchema>;
