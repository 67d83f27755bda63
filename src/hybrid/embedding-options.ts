/** Options of the embeddings: joint training, posterior, content channel, tail dial, and the validation that chooses among them. */
import { z } from "zod";

const channelSchema = z.strictObject({
  dimension: z.int().min(1).default(512).describe("principal components of the content that the channel keeps"),
  weight: z
    .union([z.literal("auto"), z.number().min(0)])
    .default("auto")
    .describe(
      "b: length of every content vector against the root mean square length of warm factors; auto: by validation",
    ),
  candidates: z.array(z.number().min(0)).min(1).default([0, 0.2, 0.4, 0.8, 1.5]).describe("weights that auto tries"),
});

const validationSchema = z.strictObject({
  itemShare: z.number().gt(0).lt(1).default(0.2).describe("share of the training items hidden to play the cold ones"),
  warm: z
    .enum(["auto", "latest", "random"])
    .default("auto")
    .describe("the interaction held out of each user; auto: the latest where there are times"),
  users: z.int().min(1).default(5000).describe("at most so many users measure a choice"),
  seed: z.int().default(7).describe("seed of the validation split"),
});

const tailValues = [0, 0.2, 0.4, 0.6, 0.8, 1];

export const embeddingOptionsSchema = z.strictObject({
  rounds: z
    .int()
    .min(0)
    .default(4)
    .describe("most alternations of ALS with the prior and a new regressor; ends earlier when validation stops rising"),
  sweepsPerRound: z.int().min(1).default(2).describe("ALS iterations of one round"),
  exposure: z
    .number()
    .min(0)
    .default(10)
    .describe(
      "support at which an item counts as exposed half of the time, e = support / (support + exposure); 0: always",
    ),
  exposureFrom: z
    .enum(["auto", "first-seen", "support"])
    .default("auto")
    .describe(
      "first-seen: times the share of all interactions that are no older than the item's first; auto: that where times are more than an order within each user, else support alone",
    ),
  priorStrength: z
    .union([z.literal("auto"), z.number().positive()])
    .default("auto")
    .describe(
      "multiplies the precision of the prior, which is the item's own regularisation in ALS, for items without interactions; what exceeds 1 is halved at support 5; auto: the strongest that `tolerance` allows",
    ),
  priorStrengthCandidates: z
    .array(z.number().positive())
    .min(1)
    .default([1, 2, 4, 8, 16])
    .describe("strengths that auto tries"),
  channel: channelSchema.nullable().prefault({}).describe("content vector beside the factors; null to leave out"),
  userNormExponent: z
    .union([z.literal("auto"), z.number().min(0).max(1)])
    .default("auto")
    .describe("users are solved against item vectors over their length to this power; auto: by validation"),
  userNormCandidates: z.array(z.number().min(0).max(1)).min(1).default([0, 0.5]).describe("exponents that auto tries"),
  recencyDecay: z
    .union([z.literal("auto"), z.number().min(0).lt(1)])
    .default("auto")
    .describe(
      "share of its weight that a user's interaction loses with every later one, in the solve of users; 0: none; auto: by validation",
    ),
  recencyCandidates: z
    .array(z.number().min(0).lt(1))
    .min(1)
    .default([0, 0.2, 0.4, 0.6])
    .describe("decays that auto tries where interactions have times"),
  calibration: z
    .union([z.literal("auto"), z.number().min(0).max(1)])
    .default("auto")
    .describe("strength with which cold items take the norm expected of their content; auto: by validation"),
  calibrationCandidates: z
    .array(z.number().min(0).max(1))
    .min(1)
    .default([0, 0.5, 1])
    .describe("strengths that auto tries"),
  coldBalance: z
    .union([z.literal("auto"), z.number().min(0).max(1)])
    .default("auto")
    .describe(
      "0 to 1: how far the factors of cold items grow, beside their content vector, towards the length of warm ones; auto: by validation",
    ),
  coldLevel: z
    .union([z.literal("auto"), z.number().min(0).max(1)])
    .default("auto")
    .describe(
      "0 to 1: how far whole vectors of cold items grow towards the length of warm ones, which moves them up in mixed lists; auto: the furthest that `tolerance` allows",
    ),
  coldCandidates: z
    .array(z.number().min(0).max(1))
    .min(1)
    .default([0, 0.25, 0.5, 0.75, 1])
    .describe("values of coldBalance and coldLevel that auto tries"),
  tail: z
    .union([z.literal("auto"), z.number().min(0).max(1)])
    .default("auto")
    .describe(
      "stored default of the tail dial (exponent on the item norm): 0 favours popular items, 1 treats all alike; auto: the largest that `tolerance` allows",
    ),
  tailCandidates: z.array(z.number().min(0).max(1)).min(1).default(tailValues).describe("exponents that auto tries"),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe(
      "share of the overall NDCG that priorStrength, coldLevel and tail may cost together, for the good of cold and tail items",
    ),
  validation: validationSchema
    .prefault({})
    .describe("the inner split of the training data; test data are never looked at"),
});

export type EmbeddingOptions = z.input<typeof embeddingOptionsSchema>;
export type ResolvedEmbeddingOptions = z.output<typeof embeddingOptionsSchema>;
