/** A regressor of any kind as one JSON document and named tensors, and its way back: what the bundle stores. */
import { z } from "zod";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { type Tensor, tensorOf } from "../data/files/safetensors.ts";
import type { Matrix } from "../math/matrix.ts";
import { mlpNames } from "./kinds/mlp.ts";
import type { Regressor } from "./regressor.ts";
import type { RegressorMap } from "./regressor-map.ts";

export const regressorKindSchema = z.enum(["ridge", "kernel-ridge", "knn", "mlp"]);

/** Before format 2 there was one kind with one setting. */
const ridgeTrialSchema = z
  .strictObject({ regularization: z.number(), error: z.number() })
  .transform(({ regularization, error }) => ({ kind: "ridge" as const, setting: { regularization }, error }));

const trialSchema = z.strictObject({
  kind: regressorKindSchema,
  setting: z.record(z.string(), z.number()),
  error: z.number(),
  figure: z.number().optional(),
});

const termSchema = z.strictObject({
  form: z.enum(["linear", "cosine", "rbf"]),
  offset: z.int(),
  dimension: z.int(),
  bit: z.int(),
  scale: z.number(),
  width: z.number(),
});

export const regressorTrialsSchema = z.array(z.union([trialSchema, ridgeTrialSchema]));

const shared = { trials: regressorTrialsSchema };

export const regressorDocumentSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...shared, kind: z.literal("ridge"), regularization: z.number() }),
  z.strictObject({
    ...shared,
    kind: z.literal("kernel-ridge"),
    regularization: z.number(),
    bandwidth: z.number(),
    terms: z.array(termSchema),
    blocks: z.int(),
  }),
  z.strictObject({ ...shared, kind: z.literal("knn"), neighbours: z.int(), shrinkage: z.number() }),
  z.strictObject({
    ...shared,
    kind: z.literal("mlp"),
    depth: z.int(),
    epochs: z.int(),
    regularization: z.number(),
    members: z.int(),
  }),
]);

export type RegressorDocument = z.output<typeof regressorDocumentSchema>;

export function regressorDocument(regressor: Regressor): RegressorDocument {
  const trials = regressor.trials.map((trial) => ({ ...trial, setting: { ...trial.setting } }));
  if (regressor.kind === "knn") {
    const { kind, neighbours, shrinkage } = regressor;
    return { kind, neighbours, shrinkage, trials };
  }
  const { regularization } = regressor;
  if (regressor.kind === "ridge") return { kind: "ridge", regularization, trials };
  if (regressor.kind === "mlp") {
    const { kind, depth, epochs, members } = regressor;
    return { kind, depth, epochs, regularization, members: members.length, trials };
  }
  const { kind, terms, blocks, bandwidth } = regressor;
  return { kind, regularization, bandwidth, terms: [...terms], blocks, trials };
}

export function regressorTensors(regressor: Regressor): Record<string, Tensor> {
  const { standardisation, residualVariance, missingBlockInflation } = regressor;
  return {
    ...mapTensors(regressor),
    mean: vector(standardisation.mean),
    scale: vector(standardisation.scale),
    residualVariance: vector(residualVariance),
    missingBlockInflation: vector(missingBlockInflation),
  };
}

function mapTensors(map: RegressorMap): Record<string, Tensor> {
  if (map.kind === "ridge") return { weights: tensorOf(map.weights), intercept: vector(map.intercept) };
  if (map.kind === "kernel-ridge") {
    return { landmarks: tensorOf(map.landmarks), dual: tensorOf(map.dual), intercept: vector(map.intercept) };
  }
  if (map.kind === "knn") {
    const { landmarks, factors, trust, mean } = map;
    return {
      landmarks: tensorOf(landmarks),
      factors: tensorOf(factors),
      trust: vector(trust),
      factorMean: vector(mean),
    };
  }
  return Object.fromEntries(
    map.members.flatMap((weights, m) =>
      Object.entries(weights).map(([name, matrix]) => [memberTensor(m, name), tensorOf(matrix)] as const),
    ),
  );
}

function memberTensor(member: number, name: string): string {
  return `member${member}.${name}`;
}

function vector(values: Tensor["values"]): Tensor {
  return { shape: [values.length], values };
}

/** Where the tensors of `regressorTensors` are read from; both throw when there is none of that name. */
export interface TensorReader {
  matrix(name: string): Matrix;
  values(name: string): ArrayLike<number>;
}

/** The regressor of `regressorDocument` and `regressorTensors`; `blocks` are those of its features. */
export function regressorFromParts(
  document: RegressorDocument,
  reader: TensorReader,
  blocks: readonly FeatureBlock[],
): Regressor {
  const single = (name: string) => Float32Array.from(reader.values(name));
  const double = (name: string) => Float64Array.from(reader.values(name));
  return {
    ...mapFromParts(document, reader, blocks),
    trials: document.trials,
    standardisation: { blocks, mean: single("mean"), scale: single("scale") },
    residualVariance: double("residualVariance"),
    missingBlockInflation: double("missingBlockInflation"),
  };
}

function mapFromParts(
  document: RegressorDocument,
  { matrix, values }: TensorReader,
  blocks: readonly FeatureBlock[],
): RegressorMap {
  const vectorNamed = (name: string) => Float32Array.from(values(name));
  if (document.kind === "knn") {
    const { kind, neighbours, shrinkage } = document;
    const tensors = { landmarks: matrix("landmarks"), factors: matrix("factors"), trust: vectorNamed("trust") };
    return { kind, blocks, ...tensors, mean: vectorNamed("factorMean"), neighbours, shrinkage };
  }
  const { regularization } = document;
  if (document.kind === "mlp") {
    const { kind, depth, epochs } = document;
    const member = (m: number) =>
      Object.fromEntries(mlpNames(depth).map((name) => [name, matrix(memberTensor(m, name))]));
    return {
      kind,
      depth,
      epochs,
      regularization,
      members: Array.from({ length: document.members }, (_, m) => member(m)),
    };
  }
  const intercept = vectorNamed("intercept");
  if (document.kind === "ridge") return { kind: "ridge", weights: matrix("weights"), intercept, regularization };
  const { kind, terms, blocks: count, bandwidth } = document;
  return {
    kind,
    terms,
    blocks: count,
    landmarks: matrix("landmarks"),
    dual: matrix("dual"),
    intercept,
    regularization,
    bandwidth,
  };
}
