/** Options of the collaborative stage; Greek names as in Rendle 2022, "Revisiting the Performance of iALS". */
import { z } from "zod";

const rank = z.int().min(1).max(1024);
const unobservedWeight = z.number().min(0);

export const alsOptionsSchema = z.strictObject({
  rank: z
    .union([rank, z.literal("auto")])
    .default("auto")
    .describe(
      "k, the length of every factor; auto: by how many directions the interactions have above chance, 64 to 256, fewer where content stands beside them",
    ),
  iterations: z.int().min(1).default(12).describe("alternations of a user and an item half-sweep"),
  regularization: z.number().positive().default(0.03).describe("lambda, scaled for each row by regularizationExponent"),
  regularizationExponent: z
    .number()
    .min(0)
    .max(2)
    .default(1)
    .describe("nu: a row's lambda is multiplied by (its confidence + unobservedWeight x rows of the other side)^nu"),
  unobservedWeight: z
    .union([unobservedWeight, z.literal("auto")])
    .default("auto")
    .describe(
      "alpha0, the weight of every user-item pair at target 0; auto: all pairs together weigh three times what the interactions do at their median weight",
    ),
  confidenceScale: z.number().positive().default(1).describe("multiplies every interaction's weight"),
  solver: z
    .enum(["exact", "cg"])
    .default("exact")
    .describe(
      "of the training sweeps: exact (Cholesky), or cg (three steps of conjugate gradients from the last sweep), faster from millions of interactions on",
    ),
  seed: z.int().default(1).describe("seed of the initial item factors"),
});

/** What callers pass: every field has a default. */
export type AlsOptions = z.input<typeof alsOptionsSchema>;

/** The same once the rank and alpha0 are known. */
export const settledAlsOptionsSchema = alsOptionsSchema.extend({ rank, unobservedWeight });

export type ResolvedAlsOptions = z.output<typeof settledAlsOptionsSchema>;
