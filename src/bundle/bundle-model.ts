/** The hybrid model as one JSON document (what was chosen, and why) and named tensors, and its way back. */
import { z } from "zod";
import { alsOptionsSchema } from "../als/als-options.ts";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { matrixNamed, type Safetensors, tensorOf } from "../data/files/safetensors.ts";
import { TailrecError } from "../errors.ts";
import { attributeSpaceSchema } from "../features/blocks/attributes.ts";
import { userBlocks } from "../features/user-features.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import type { ItemEmbeddings } from "../hybrid/item-embeddings.ts";
import { calibrationOf } from "../hybrid/norm-calibration.ts";
import type { HybridSettings } from "../hybrid/settings/hybrid-settings.ts";
import type { Matrix } from "../math/matrix.ts";
import { describeMismatch } from "../options.ts";
import type { TensorReader } from "../regressor/regressor-kind.ts";
import type { RegressorExtensions } from "../regressor/regressor-kinds.ts";
import {
  type RegressorDocument,
  regressorDocument,
  regressorDocumentSchema,
  regressorFromParts,
  regressorNameSchema,
  regressorTensors,
  regressorTrialsSchema,
} from "../regressor/regressor-parts.ts";
import { matrixTensors, type Tensors, valuesNamed } from "./bundle-tensors.ts";

const FILE = "model.safetensors";

const dialTrials = z.array(z.strictObject({ tail: z.number(), ndcg: z.number() }));

const weightTrials = z.array(z.strictObject({ value: z.number(), cold: z.number(), warm: z.number() }));

function documentSchema(extensions: RegressorExtensions) {
  const regressorSchema = regressorDocumentSchema(extensions);
  return z.strictObject({
    rank: z.int(),
    als: alsOptionsSchema,
    regressor: regressorSchema,
    norms: regressorSchema,
    shrinkage: z.number(),
    /** The factor on cold items; the name of the format. */
    lift: z.number().default(1),
    channelLength: z.number().nullable(),
    // Bundles from before there were user attributes do not say.
    users: z
      .strictObject({ space: z.array(attributeSpaceSchema), regressor: regressorSchema })
      .nullable()
      .default(null),
    settings: z.strictObject({
      // Format 1 knew one kind.
      regressorKind: regressorNameSchema(extensions).default("ridge"),
      rounds: z.int(),
      priorStrength: z.number().default(1),
      userNormExponent: z.number(),
      // Bundles of format 1 from before there was a choice knew no recency.
      recencyDecay: z.number().default(0),
      channelWeight: z.number(),
      calibration: z.number(),
      coldBalance: z.number().optional(),
      coldLevel: z.number(),
      tail: z.number(),
      alsTail: z.number(),
      trials: z.strictObject({
        regressor: regressorTrialsSchema(extensions).default([]),
        rounds: z.array(z.number()),
        // Earlier bundles measured their weights at 0.
        firstTail: dialTrials.default([]),
        priorStrength: weightTrials.default([]),
        userNorm: weightTrials,
        recency: weightTrials.default([]),
        channel: weightTrials,
        calibration: weightTrials,
        coldBalance: weightTrials.default([]),
        coldLevel: weightTrials,
        tail: dialTrials,
        alsTail: dialTrials,
      }),
    }),
  });
}

type ModelDocument = z.output<ReturnType<typeof documentSchema>>;

export function modelDocument(model: HybridModel): unknown {
  const { als, regressor, calibration, embeddings, channel, settings, userPrior } = model;
  return {
    rank: embeddings.rank,
    als: als.options,
    regressor: regressorDocument(regressor),
    norms: regressorDocument(calibration.norms.norms),
    shrinkage: calibration.norms.shrinkage,
    lift: calibration.coldScale,
    channelLength: channel?.length ?? null,
    users: userPrior ? { space: userPrior.space, regressor: regressorDocument(userPrior.regressor) } : null,
    settings,
  };
}

export function modelTensors(model: HybridModel): Tensors {
  const { als, regressor, calibration, prior, behaviour, userVectors, userPrior, channel } = model;
  const { userFactors, itemFactors, gram } = als;
  return {
    ...matrixTensors({ prior, behaviour, userVectors }),
    "als.userFactors": tensorOf(userFactors),
    "als.itemFactors": tensorOf(itemFactors),
    "als.gram": tensorOf(gram),
    ...prefixed("regressor", regressorTensors(regressor)),
    ...prefixed("norms", regressorTensors(calibration.norms.norms)),
    ...(userPrior && prefixed("users", regressorTensors(userPrior.regressor))),
    ...(channel && { "channel.axes": tensorOf(channel.axes) }),
  };
}

function prefixed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
}

/** What a stored model is read with. */
export interface ModelReading extends RegressorExtensions {
  /** Blocks of the item features. */
  readonly blocks: readonly FeatureBlock[];
  /** Reads the served vectors, given the rank. */
  readonly embeddings: (rank: number) => ItemEmbeddings;
}

/** The model of `modelDocument` and `modelTensors`. */
export function readModel(document: unknown, file: Safetensors, reading: ModelReading): HybridModel {
  const parsed = documentSchema(reading).safeParse(document);
  if (!parsed.success) {
    const reason = describeMismatch(parsed.error);
    throw new TailrecError("BUNDLE_CORRUPT", `model.json: ${reason}; make the bundle again by tailrec run`);
  }
  const { rank, als, regressor, norms, shrinkage, lift, channelLength, users } = parsed.data;
  const settings = currentSettings(parsed.data.settings);
  const matrix = (name: string) => matrixNamed(file, name, FILE);
  const regressorOf = (stored: RegressorDocument, prefix: string, blocks: readonly FeatureBlock[]) =>
    regressorFromParts(stored, readerOf(file, prefix), blocks, reading);
  return {
    als: {
      userFactors: matrix("als.userFactors"),
      itemFactors: matrix("als.itemFactors"),
      gram: gramOf(file),
      options: als,
    },
    regressor: regressorOf(regressor, "regressor", reading.blocks),
    calibration: {
      norms: { norms: regressorOf(norms, "norms", reading.blocks), shrinkage },
      weights: calibrationOf(settings),
      coldScale: lift,
    },
    prior: matrix("prior"),
    behaviour: matrix("behaviour"),
    embeddings: reading.embeddings(rank),
    userVectors: matrix("userVectors"),
    ...(users && {
      userPrior: { space: users.space, regressor: regressorOf(users.regressor, "users", userBlocks(users.space)) },
    }),
    channel: channelLength === null ? undefined : { axes: matrix("channel.axes"), length: channelLength },
    settings,
  };
}

/** Before there was a balance, the level did its work and nothing moved the whole vector. */
function currentSettings(settings: ModelDocument["settings"]): HybridSettings {
  const { coldBalance, coldLevel } = settings;
  if (coldBalance === undefined) return { ...settings, coldBalance: coldLevel, coldLevel: 0 };
  return { ...settings, coldBalance };
}

function readerOf(file: Safetensors, prefix: string): TensorReader {
  return {
    matrix: (name) => matrixNamed(file, `${prefix}.${name}`, FILE),
    values: (name) => valuesNamed(file, `${prefix}.${name}`, FILE),
  };
}

function gramOf(file: Safetensors): Matrix<Float64Array> {
  const values = Float64Array.from(valuesNamed(file, "als.gram", FILE));
  const rank = Math.sqrt(values.length);
  return { rows: rank, columns: rank, values };
}
