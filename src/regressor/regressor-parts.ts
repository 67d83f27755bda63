/** A regressor of any kind as one JSON document and named tensors, and its way back: what the bundle stores. */
import { z } from "zod";
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { type Tensor, vectorTensor } from "../data/files/safetensors.ts";
import { TailrecError } from "../errors.ts";
import { requireGraph } from "./onnx-export.ts";
import type { Regressor } from "./regressor.ts";
import type { MapStorage, RegressorKind, TensorReader } from "./regressor-kind.ts";
import { candidateKinds, type RegressorExtensions, regressorKindNamed, regressorKindsWith } from "./regressor-kinds.ts";
import type { ResolvedRegressorOptions } from "./regressor-options.ts";

export function regressorNameSchema(extensions: RegressorExtensions) {
  return z.enum(regressorKindsWith(extensions).map(({ name }) => name));
}

/** Before format 2 there was one kind with one setting. */
const ridgeTrialSchema = z
  .strictObject({ regularization: z.number(), error: z.number() })
  .transform(({ regularization, error }) => ({ kind: "ridge", setting: { regularization }, error }));

export function regressorTrialsSchema(extensions: RegressorExtensions) {
  const trialSchema = z.strictObject({
    kind: regressorNameSchema(extensions),
    setting: z.record(z.string(), z.number()),
    error: z.number(),
    figure: z.number().optional(),
  });
  return z.array(z.union([trialSchema, ridgeTrialSchema]));
}

/** The document of a regressor of any kind that can be stored, its fields beside `kind` and `trials`. */
export function regressorDocumentSchema(extensions: RegressorExtensions = {}) {
  const trials = regressorTrialsSchema(extensions);
  const documents = regressorKindsWith(extensions).flatMap(({ name, storage }) =>
    storage === undefined ? [] : [z.strictObject({ ...storage.fields, trials, kind: z.literal(name) })],
  );
  const [first, ...others] = documents;
  return z.discriminatedUnion("kind", [first, ...others]);
}

export type RegressorDocument = z.output<ReturnType<typeof regressorDocumentSchema>>;

/** INVALID_ARGUMENT for a kind that cannot be stored. */
export function regressorDocument(regressor: Regressor): RegressorDocument {
  const { kind, implementation } = regressor;
  const trials = regressor.trials.map((trial) => ({ ...trial, setting: { ...trial.setting } }));
  return { ...storageOf(implementation).save(regressor).fields, kind, trials };
}

/** INVALID_ARGUMENT for a kind that cannot be stored, or that gives a tensor the name of one that every regressor has. */
export function regressorTensors(regressor: Regressor): Readonly<Record<string, Tensor>> {
  const { kind, implementation, standardisation, residualVariance, missingBlockInflation } = regressor;
  const common = {
    mean: vectorTensor(standardisation.mean),
    scale: vectorTensor(standardisation.scale),
    residualVariance: vectorTensor(residualVariance),
    missingBlockInflation: vectorTensor(missingBlockInflation),
  };
  const { tensors } = storageOf(implementation).save(regressor);
  const taken = Object.keys(common).find((name) => Object.hasOwn(tensors, name));
  if (taken === undefined) return { ...tensors, ...common };
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `the regressor kind "${kind}" saves a tensor "${taken}", which every regressor has; give it another name`,
  );
}

/** The regressor of `regressorDocument` and `regressorTensors`; `blocks` are those of its features. */
export function regressorFromParts(
  document: RegressorDocument,
  reader: TensorReader,
  blocks: readonly FeatureBlock[],
  extensions: RegressorExtensions = {},
): Regressor {
  const { kind, trials, ...fields } = document;
  const implementation = regressorKindNamed(regressorKindsWith(extensions), kind);
  const single = (name: string) => Float32Array.from(reader.values(name));
  const double = (name: string) => Float64Array.from(reader.values(name));
  return {
    ...storageOf(implementation).load(fields, reader, blocks),
    kind,
    implementation,
    trials,
    standardisation: { blocks, mean: single("mean"), scale: single("scale") },
    residualVariance: double("residualVariance"),
    missingBlockInflation: double("missingBlockInflation"),
  };
}

/** INVALID_ARGUMENT where a fit by these options may give a kind that a bundle cannot keep: asked before anything is computed. */
export function requireStorable(options: ResolvedRegressorOptions, extensions: RegressorExtensions): void {
  for (const kind of candidateKinds(options, extensions)) {
    storageOf(kind);
    requireGraph(kind);
  }
}

function storageOf({ name, storage }: RegressorKind): MapStorage<object, z.ZodRawShape> {
  if (storage !== undefined) return storage;
  throw new TailrecError("INVALID_ARGUMENT", `a bundle cannot keep the regressor kind "${name}"; give it \`storage\``);
}
