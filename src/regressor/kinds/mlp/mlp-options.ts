/** Options of the network. */
import { z } from "zod";
import { penaltyOptions } from "../../penalty-choice.ts";
import { mlpEngineNames } from "./mlp-engine.ts";

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
  engine: z
    .enum(mlpEngineNames)
    .default("onnxruntime")
    .describe("what computes gradients; tfjs is TensorFlow.js, which tailrec does not install"),
  members: z.int().min(1).default(3).describe("networks of different seeds, averaged"),
});

export type MlpOptions = z.output<typeof mlpSchema>;

/** With those of the ridge that it starts from. */
export const mlpKindOptions = {
  ...penaltyOptions,
  mlp: mlpSchema.prefault({}).describe("a residual network beside the ridge"),
};

export type MlpKindOptions = z.output<z.ZodObject<typeof mlpKindOptions>>;
