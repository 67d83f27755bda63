/** Options of the embeddings: joint training, posterior, content channel, tail dial, and the validation that chooses among them. */
import { z } from "zod";
import { similarSettingsSchema } from "./similar/similar-settings.ts";

const auto = z.literal("auto");

const channelSchema = z.strictObject({
  dimension: z
    .union([auto, z.int().min(1)])
    .default("auto")
    .describe(
      "principal components of the content that the channel keeps; auto: nine tenths of its squared length, 256 to 1,024",
    ),
  weight: z
    .union([auto, z.number().min(0)])
    .default("auto")
    .describe(
      "b: length of every content vector against the root mean square length of warm factors; auto: by validation",
    ),
  candidates: z
    .array(z.number().min(0))
    .min(1)
    .default([0, 0.2, 0.4, 0.6, 0.8, 1.2, 1.8])
    .describe("weights that auto tries"),
});

const validationSchema = z.strictObject({
  itemShare: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.15)
    .describe("share of the training items launched on the inner split, with their first 0, 1, 3 or 10 interactions"),
  warm: z
    .enum(["auto", "latest", "random"])
    .default("auto")
    .describe("the fifth of a user's other interactions that is held out; auto: the latest where there are times"),
  users: z.int().min(1).default(4000).describe("at most so many users measure a choice"),
  trials: z.int().min(1).default(36).describe("at most so many settings are measured by the search for the best"),
  seed: z.int().default(7).describe("seed of the validation split"),
});

const tailValues = [0, 0.2, 0.4, 0.6, 0.8, 1];

const schema = z.strictObject({
  rounds: z
    .union([auto, z.int().min(0)])
    .default("auto")
    .describe(
      "most alternations of ALS with the prior and a new regressor; validation chooses 0, 1, 2, 4, ... of them, more than 4 only while twice as many are clearly better; auto: 8, or 4 from a million interactions on",
    ),
  alsUnobservedWeight: z
    .union([auto, z.number().positive()])
    .default("auto")
    .describe(
      "ALS under the hybrid is trained with so many times `unobservedWeight`, and `regularization` over it; auto: by validation, 1 from a million interactions on",
    ),
  alsUnobservedCandidates: z
    .array(z.number().positive())
    .min(1)
    .default([1, 3, 10])
    .describe("factors that auto tries, each while it is clearly better than the one before it"),
  alsRankTimes: z
    .union([auto, z.int().min(1)])
    .default("auto")
    .describe(
      "ALS under the hybrid has so many times `rank` factors; auto: by validation, 1 where a pipeline names `collaborative.rank`, and from a million interactions on",
    ),
  alsRankCandidates: z
    .array(z.int().min(1))
    .min(1)
    .default([1, 2, 4])
    .describe("what auto tries up to 512 factors, each while it is clearly better than the one before it"),
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
  newShare: z
    .union([auto, z.number().min(0).max(1)])
    .default("auto")
    .describe(
      "how much new items count where settings are chosen; auto: their share of the last tenth of the interactions, or of what validation asks for where times do not tell",
    ),
  priorStrength: z
    .union([auto, z.number().min(0)])
    .default("auto")
    .describe(
      "multiplies the precision of the prior, which is the item's own regularisation in ALS, for items without interactions; what exceeds 1 is halved at support 5; 0: no prior, factors as ALS solves them; auto: by validation",
    ),
  priorStrengthCandidates: z
    .array(z.number().positive())
    .min(1)
    .default([1, 2, 4, 8, 16])
    .describe("strengths that auto tries"),
  channel: channelSchema.nullable().prefault({}).describe("content vector beside the factors; null to leave out"),
  lift: z
    .union([auto, z.number().min(0)])
    .default("auto")
    .describe(
      "how far the vectors of little-known items are lengthened, less with every interaction: 0 leaves them, 1 brings predicted factors to the length of known ones; auto: by validation",
    ),
  liftCandidates: z
    .array(z.number().min(0))
    .min(1)
    .default([0, 0.35, 0.7, 1, 1.4])
    .describe("amplitudes that auto tries"),
  contentLift: z
    .union([auto, z.number()])
    .default("auto")
    .describe(
      "how much more the content of little-known items weighs against their factors, in logarithms, less with every interaction: 0 as for known items; auto: by the order of new items among themselves on validation",
    ),
  contentLiftCandidates: z
    .array(z.number())
    .min(1)
    .default([-1.6, -0.8, -0.4, 0, 0.4])
    .describe("logarithms that auto tries"),
  userNormExponent: z
    .union([auto, z.number().min(0).max(1)])
    .default("auto")
    .describe("users are solved against item vectors over their length to this power; auto: by validation"),
  userNormCandidates: z
    .array(z.number().min(0).max(1))
    .min(1)
    .default([0, 0.25, 0.5, 0.75])
    .describe("exponents that auto tries"),
  recencyDecay: z
    .union([auto, z.number().min(0).lt(1)])
    .default("auto")
    .describe(
      "share of its weight that a user's interaction loses with every later one, in the solve of users; 0: none; auto: by validation",
    ),
  recencyCandidates: z
    .array(z.number().min(0).lt(1))
    .min(1)
    .default([0, 0.2, 0.4, 0.6])
    .describe("decays that auto tries where interactions have times"),
  userRegularization: z
    .union([auto, z.number().positive()])
    .default("auto")
    .describe(
      "users are regularised so many times as strongly as in ALS when they are solved against the served vectors; auto: by validation",
    ),
  userRegularizationCandidates: z
    .array(z.number().positive())
    .min(1)
    .default([0.1, 0.3, 1, 3, 10])
    .describe("factors that auto tries"),
  userUnobservedWeight: z
    .union([auto, z.number().positive()])
    .default("auto")
    .describe("what a user did not take weighs so many times as in ALS in that solve; auto: by validation"),
  userUnobservedCandidates: z
    .array(z.number().positive())
    .min(1)
    .default([0.1, 0.3, 1, 3, 10, 30])
    .describe("factors that auto tries"),
  userExposure: z
    .number()
    .min(0)
    .default(0)
    .describe(
      "an item with so many times the mean support counts half among what a user did not take: others have hardly been seen; 0: all count in full",
    ),
  tail: z
    .union([auto, z.number().min(0).max(1)])
    .default("auto")
    .describe(
      "stored default of the tail dial (exponent on the item norm): 0 favours popular items, 1 treats all alike; auto: by validation",
    ),
  tailCandidates: z.array(z.number().min(0).max(1)).min(1).default(tailValues).describe("exponents that auto tries"),
  alignTo: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "folder of an earlier bundle, relative to the current directory: exported vectors of items that both know are turned to lie nearest to the earlier ones, and no score changes; null for none",
    ),
  similar: z
    .union([auto, similarSettingsSchema])
    .default("auto")
    .describe(
      "how two items are compared: weights of what is known of them; auto: on validation, by what users took next",
    ),
  search: z
    .enum(["auto", "exact", "graph"])
    .default("auto")
    .describe(
      "how a bundle finds neighbours: by a look at every item, or by a graph (package usearch); auto: a graph above a million items",
    ),
  validation: validationSchema
    .prefault({})
    .describe("the inner split of the training data; test data are never looked at"),
});

/** Options of earlier versions that are read and left aside, with what took their place. */
const retired: Readonly<Record<string, string>> = {
  calibration: "lift",
  calibrationCandidates: "liftCandidates",
  coldBalance: "contentLift",
  coldLevel: "lift",
  coldCandidates: "liftCandidates",
  tolerance: "newShare",
};

export const embeddingOptionsSchema = schema.meta({ retired });

export type EmbeddingOptions = z.input<typeof embeddingOptionsSchema>;
export type ResolvedEmbeddingOptions = z.output<typeof embeddingOptionsSchema>;
