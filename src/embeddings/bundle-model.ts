/** The hybrid model as one JSON document (what was chosen, and why) and named tensors, and its way back. */
import { z } from "zod";
import { alsOptionsSchema } from "../collaborative/als-options.ts";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { matrixNamed, type Safetensors, tensorOf } from "../data/safetensors.ts";
import { TailrecError } from "../errors.ts";
import type { Matrix } from "../math/matrix.ts";
import type { Regressor } from "../regressor/regressor.ts";
import { matrixTensors, type Tensors, valuesNamed, vector } from "./bundle-tensors.ts";
import type { HybridModel } from "./hybrid.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";

const FILE = "model.safetensors";

const dialTrials = z.array(z.strictObject({ tail: z.number(), ndcg: z.number() }));

const documentSchema = z.strictObject({
  rank: z.int(),
  als: alsOptionsSchema,
  regressor: z.strictObject({
    kind: z.literal("ridge"),
    regularization: z.number(),
    trials: z.array(z.strictObject({ regularization: z.number(), error: z.number() })),
  }),
  channelLength: z.number().nullable(),
  settings: z.strictObject({
    rounds: z.int(),
    channelWeight: z.number(),
    tail: z.number(),
    alsTail: z.number(),
    trials: z.strictObject({
      rounds: z.array(z.number()),
      channel: z.array(z.strictObject({ weight: z.number(), cold: z.number(), warm: z.number() })),
      tail: dialTrials,
      alsTail: dialTrials,
    }),
  }),
});

export function modelDocument({ als, regressor, embeddings, channel, settings }: HybridModel): unknown {
  const { kind, regularization, trials } = regressor;
  return {
    rank: embeddings.rank,
    als: als.options,
    regressor: { kind, regularization, trials },
    channelLength: channel?.length ?? null,
    settings,
  };
}

export function modelTensors({ als, regressor, prior, behaviour, userVectors, channel }: HybridModel): Tensors {
  const { standardisation, weights, intercept, residualVariance, missingBlockInflation } = regressor;
  const { userFactors, itemFactors, gram } = als;
  return {
    ...matrixTensors({ prior, behaviour, userVectors, weights }),
    "als.userFactors": tensorOf(userFactors),
    "als.itemFactors": tensorOf(itemFactors),
    "als.gram": tensorOf(gram),
    mean: vector(standardisation.mean),
    scale: vector(standardisation.scale),
    intercept: vector(intercept),
    residualVariance: vector(residualVariance),
    missingBlockInflation: vector(missingBlockInflation),
    ...(channel && { "channel.axes": tensorOf(channel.axes) }),
  };
}

/** The model of `modelDocument` and `modelTensors`; `embeddings` reads the served vectors, given the rank. */
export function readModel(
  document: unknown,
  file: Safetensors,
  blocks: readonly FeatureBlock[],
  embeddings: (rank: number) => ItemEmbeddings,
): HybridModel {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) {
    const reason = z.prettifyError(parsed.error);
    throw new TailrecError("BUNDLE_CORRUPT", `model.json: ${reason}; make the bundle again by tailrec run`);
  }
  const { rank, als, regressor, channelLength, settings } = parsed.data;
  const matrix = (name: string) => matrixNamed(file, name, FILE);
  return {
    als: {
      userFactors: matrix("als.userFactors"),
      itemFactors: matrix("als.itemFactors"),
      gram: gramOf(file),
      options: als,
    },
    regressor: { ...regressor, ...readRegressor(file, blocks) },
    prior: matrix("prior"),
    behaviour: matrix("behaviour"),
    embeddings: embeddings(rank),
    userVectors: matrix("userVectors"),
    channel: channelLength === null ? undefined : { axes: matrix("channel.axes"), length: channelLength },
    settings,
  };
}

function readRegressor(
  file: Safetensors,
  blocks: readonly FeatureBlock[],
): Omit<Regressor, "kind" | "regularization" | "trials"> {
  const single = (name: string) => Float32Array.from(valuesNamed(file, name, FILE));
  const double = (name: string) => Float64Array.from(valuesNamed(file, name, FILE));
  return {
    standardisation: { blocks, mean: single("mean"), scale: single("scale") },
    weights: matrixNamed(file, "weights", FILE),
    intercept: single("intercept"),
    residualVariance: double("residualVariance"),
    missingBlockInflation: double("missingBlockInflation"),
  };
}

function gramOf(file: Safetensors): Matrix<Float64Array> {
  const values = Float64Array.from(valuesNamed(file, "als.gram", FILE));
  const rank = Math.sqrt(values.length);
  return { rows: rank, columns: rank, values };
}
