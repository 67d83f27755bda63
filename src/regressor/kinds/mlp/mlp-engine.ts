/**
 * What computes a step of the network: the engines by their names. Each gives the loss and the gradients of the same equations; the
 * steps of Adam are the same code for all.
 */
import type { Matrix } from "../../../math/matrix.ts";
import type { Tfjs } from "../../../math/tfjs/tfjs.ts";
import type { TrainingSet } from "../../training-set.ts";
import type { MlpWeights } from "./mlp-map.ts";
import type { MlpShape } from "./mlp-step-graph.ts";

export const mlpEngineNames = ["onnxruntime", "tfjs"] as const;

export type MlpEngineName = (typeof mlpEngineNames)[number];

export interface MlpStep {
  readonly loss: number;
  /** By the name of the matrix. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

export interface MlpStepper {
  /** One mask a layer and one for the head, n x H. */
  step(batch: TrainingSet, masks: readonly Matrix[], weights: MlpWeights, skip: Matrix): Promise<MlpStep>;
  close(): Promise<void>;
}

/** Makes steppers of one shape; `tfjs` is the caller's own instance. ENGINE_MISSING where the engine is not installed. */
export type MlpEngine = (shape: MlpShape, tfjs: Tfjs | undefined) => Promise<MlpStepper>;
