/** The hybrid model as one JSON document (what was chosen, and why) and named tensors, and its way back. */
import { z } from "zod";
import { settledAlsOptionsSchema } from "../als/als-options.ts";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { matrixNamed, type Safetensors, tensorOf, vectorTensor } from "../data/files/safetensors.ts";
import { TailrecError } from "../errors.ts";
import { attributeSpaceSchema } from "../features/blocks/attributes.ts";
import { userBlocks } from "../features/user-features.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import type { ItemEmbeddings } from "../hybrid/item-embeddings.ts";
import type { SimilarModel } from "../hybrid/similar/similar-model.ts";
import { MIXTURE, similarSettingsSchema } from "../hybrid/similar/similar-settings.ts";
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
import { isEarlierModel, readEarlierModel } from "./earlier-model.ts";

const FILE = "model.safetensors";
const LENGTHS = "similar.coOccurrenceLengths";

const figures = { known: z.number(), launched: z.number(), objective: z.number() };

const servingSettings = {
  rounds: z.int(),
  // Bundles of before version 0.3 train ALS as the options say.
  alsUnobservedWeight: z.number().default(1),
  alsRankTimes: z.int().default(1),
  priorStrength: z.number(),
  userNormExponent: z.number(),
  recencyDecay: z.number(),
  // Bundles of before version 0.3 solve users as ALS does.
  userRegularization: z.number().default(1),
  userUnobservedWeight: z.number().default(1),
  userExposure: z.number().default(0),
  channelWeight: z.number(),
  lift: z.number(),
  contentLift: z.number(),
  tail: z.number(),
};

function documentSchema(extensions: RegressorExtensions) {
  const regressorSchema = regressorDocumentSchema(extensions);
  return z.strictObject({
    rank: z.int(),
    als: settledAlsOptionsSchema,
    regressor: regressorSchema,
    lift: z.strictObject({ factors: z.number(), content: z.number() }),
    channelLength: z.number().nullable(),
    // Bundles of before version 0.3 compare items by the served vectors.
    similar: z
      .strictObject({
        settings: similarSettingsSchema,
        mostSupport: z.int(),
        behaviour: z.int(),
        hasContent: z.boolean(),
      })
      .nullable()
      .default(null),
    users: z.strictObject({ space: z.array(attributeSpaceSchema), regressor: regressorSchema }).nullable(),
    settings: z.strictObject({
      ...servingSettings,
      regressorKind: regressorNameSchema(extensions),
      // Its options are read when it is fitted again.
      regressorSetting: z.record(z.string(), z.json()).optional(),
      // Bundles of before version 0.3 keep the dial of plain ALS too.
      alsTail: z.number().optional(),
      similar: similarSettingsSchema.default(MIXTURE),
      trials: z.strictObject({
        regressor: regressorTrialsSchema(extensions),
        search: z.array(z.strictObject({ ...servingSettings, ...figures })),
        contentLift: z.array(z.strictObject({ contentLift: z.number(), cold: z.number() })),
        alsTail: z.array(z.strictObject({ tail: z.number(), ...figures })).optional(),
        similar: z.array(similarSettingsSchema.extend(figures)).default([]),
      }),
    }),
  });
}

export function modelDocument(model: HybridModel): unknown {
  const { als, regressor, lift, embeddings, channel, similar, settings, userPrior } = model;
  return {
    rank: embeddings.rank,
    als: als.options,
    regressor: regressorDocument(regressor),
    lift,
    channelLength: channel?.length ?? null,
    similar: similar === undefined ? null : similarDocument(similar),
    users: userPrior ? { space: userPrior.space, regressor: regressorDocument(userPrior.regressor) } : null,
    settings,
  };
}

function similarDocument({ settings, mostSupport, behaviour, axes }: SimilarModel) {
  return { settings, mostSupport, behaviour, hasContent: axes !== undefined };
}

export function modelTensors(model: HybridModel): Tensors {
  const { als, regressor, prior, behaviour, userVectors, userPrior, channel, similar } = model;
  const axes = channel?.axes ?? similar?.axes;
  const { userFactors, itemFactors, gram } = als;
  return {
    ...matrixTensors({ prior, behaviour, userVectors }),
    "als.userFactors": tensorOf(userFactors),
    "als.itemFactors": tensorOf(itemFactors),
    "als.gram": tensorOf(gram),
    ...prefixed("regressor", regressorTensors(regressor)),
    ...(userPrior && prefixed("users", regressorTensors(userPrior.regressor))),
    ...(axes && { "channel.axes": tensorOf(axes) }),
    ...(similar?.coOccurrenceLengths && { [LENGTHS]: vectorTensor(similar.coOccurrenceLengths) }),
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
  /** Reads the vectors by which items are compared. */
  readonly similar: () => Matrix;
}

/** The model of `modelDocument` and `modelTensors`, or of a bundle of an earlier format. */
export function readModel(document: unknown, file: Safetensors, reading: ModelReading): HybridModel {
  const earlier = isEarlierModel(document) ? readEarlierModel(document, reading) : undefined;
  const parsed = documentSchema(reading).safeParse(earlier?.document ?? document);
  if (!parsed.success) {
    const reason = describeMismatch(parsed.error);
    throw new TailrecError("BUNDLE_CORRUPT", `model.json: ${reason}; make the bundle again by tailrec run`);
  }
  const { rank, als, regressor, lift, channelLength, similar, users, settings } = parsed.data;
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
    lift,
    ...(earlier && {
      calibration: { ...earlier.calibration, norms: regressorOf(earlier.norms, "norms", reading.blocks) },
    }),
    prior: matrix("prior"),
    behaviour: matrix("behaviour"),
    embeddings: reading.embeddings(rank),
    userVectors: matrix("userVectors"),
    ...(users && {
      userPrior: { space: users.space, regressor: regressorOf(users.regressor, "users", userBlocks(users.space)) },
    }),
    ...(similar && {
      similar: {
        vectors: reading.similar(),
        settings: similar.settings,
        mostSupport: similar.mostSupport,
        behaviour: similar.behaviour,
        ...(similar.hasContent && { axes: matrix("channel.axes") }),
        ...(LENGTHS in file.tensors && { coOccurrenceLengths: Float32Array.from(valuesNamed(file, LENGTHS, FILE)) }),
      },
    }),
    channel: channelLength === null ? undefined : { axes: matrix("channel.axes"), length: channelLength },
    settings,
  };
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
