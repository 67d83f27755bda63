/** The hybrid model as one JSON document (what was chosen, and why) and named tensors, and its way back. */
import { z } from "zod";
import { alsOptionsSchema } from "../collaborative/als-options.ts";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { matrixNamed, type Safetensors, tensorOf } from "../data/safetensors.ts";
import { TailrecError } from "../errors.ts";
import type { Matrix } from "../math/matrix.ts";
import { describeMismatch } from "../options.ts";
import type { Regressor } from "../regressor/regressor.ts";
import { matrixTensors, type Tensors, valuesNamed, vector } from "./bundle-tensors.ts";
import type { HybridModel } from "./hybrid.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";

const FILE = "model.safetensors";

const dialTrials = z.array(z.strictObject({ tail: z.number(), ndcg: z.number() }));

const regressorSchema = z.strictObject({
  kind: z.literal("ridge"),
  regularization: z.number(),
  trials: z.array(z.strictObject({ regularization: z.number(), error: z.number() })),
});

const weightTrials = z.array(z.strictObject({ value: z.number(), cold: z.number(), warm: z.number() }));

const documentSchema = z.strictObject({
  rank: z.int(),
  als: alsOptionsSchema,
  regressor: regressorSchema,
  norms: regressorSchema,
  shrinkage: z.number(),
  channelLength: z.number().nullable(),
  settings: z.strictObject({
    rounds: z.int(),
    userNormExponent: z.number(),
    // Bundles of format 1 from before there was a choice knew no recency.
    recencyDecay: z.number().default(0),
    channelWeight: z.number(),
    calibration: z.number(),
    coldLevel: z.number(),
    tail: z.number(),
    alsTail: z.number(),
    trials: z.strictObject({
      rounds: z.array(z.number()),
      userNorm: weightTrials,
      recency: weightTrials.default([]),
      channel: weightTrials,
      calibration: weightTrials,
      coldLevel: weightTrials,
      tail: dialTrials,
      alsTail: dialTrials,
    }),
  }),
});

export function modelDocument({ als, regressor, calibration, embeddings, channel, settings }: HybridModel): unknown {
  return {
    rank: embeddings.rank,
    als: als.options,
    regressor: regressorDocument(regressor),
    norms: regressorDocument(calibration.norms.norms),
    shrinkage: calibration.norms.shrinkage,
    channelLength: channel?.length ?? null,
    settings,
  };
}

function regressorDocument({ kind, regularization, trials }: Regressor): unknown {
  return { kind, regularization, trials };
}

export function modelTensors(model: HybridModel): Tensors {
  const { als, regressor, calibration, prior, behaviour, userVectors, channel } = model;
  const { userFactors, itemFactors, gram } = als;
  return {
    ...matrixTensors({ prior, behaviour, userVectors }),
    "als.userFactors": tensorOf(userFactors),
    "als.itemFactors": tensorOf(itemFactors),
    "als.gram": tensorOf(gram),
    ...regressorTensors("regressor", regressor),
    ...regressorTensors("norms", calibration.norms.norms),
    ...(channel && { "channel.axes": tensorOf(channel.axes) }),
  };
}

function regressorTensors(prefix: string, regressor: Regressor): Tensors {
  const { standardisation, weights, intercept, residualVariance, missingBlockInflation } = regressor;
  return {
    [`${prefix}.weights`]: tensorOf(weights),
    [`${prefix}.mean`]: vector(standardisation.mean),
    [`${prefix}.scale`]: vector(standardisation.scale),
    [`${prefix}.intercept`]: vector(intercept),
    [`${prefix}.residualVariance`]: vector(residualVariance),
    [`${prefix}.missingBlockInflation`]: vector(missingBlockInflation),
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
    const reason = describeMismatch(parsed.error);
    throw new TailrecError("BUNDLE_CORRUPT", `model.json: ${reason}; make the bundle again by tailrec run`);
  }
  const { rank, als, regressor, norms, shrinkage, channelLength, settings } = parsed.data;
  const matrix = (name: string) => matrixNamed(file, name, FILE);
  return {
    als: {
      userFactors: matrix("als.userFactors"),
      itemFactors: matrix("als.itemFactors"),
      gram: gramOf(file),
      options: als,
    },
    regressor: { ...regressor, ...readRegressor(file, "regressor", blocks) },
    calibration: {
      norms: { norms: { ...norms, ...readRegressor(file, "norms", blocks) }, shrinkage },
      weights: { calibration: settings.calibration, coldLevel: settings.coldLevel },
    },
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
  prefix: string,
  blocks: readonly FeatureBlock[],
): Omit<Regressor, "kind" | "regularization" | "trials"> {
  const single = (name: string) => Float32Array.from(valuesNamed(file, `${prefix}.${name}`, FILE));
  const double = (name: string) => Float64Array.from(valuesNamed(file, `${prefix}.${name}`, FILE));
  return {
    standardisation: { blocks, mean: single("mean"), scale: single("scale") },
    weights: matrixNamed(file, `${prefix}.weights`, FILE),
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
