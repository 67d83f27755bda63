/** The linear regressor f(x) = W'z + b, in closed form, its penalty chosen on held-out items. */
import { z } from "zod";
import { tensorOf, vectorTensor } from "../../../data/files/safetensors.ts";
import { floatTensor } from "../../../math/onnx/onnx-graph.ts";
import { dense } from "../../layers-part.ts";
import { type GraphPart, matrixTensor, node } from "../../onnx-graph-part.ts";
import { choosePenalty, type PenaltyOptions, penaltyOptions } from "../../penalty-choice.ts";
import type { RegressionTask } from "../../regression-task.ts";
import type { MapStorage, PreparedKind, RegressorKind } from "../../regressor-kind.ts";
import { applyRidgeMap, fitRidgeMaps, type RidgeMap } from "./ridge-regression.ts";

export function prepareRidge(task: RegressionTask<PenaltyOptions>): PreparedKind<RidgeMap> {
  const { heldOut, backend } = task;
  return choosePenalty(task, {
    fit: (part, penalties) => fitRidgeMaps(task[part], penalties, backend),
    predictHeldOut: (maps) => Promise.all(maps.map((map) => applyRidgeMap(map, heldOut.x, backend))),
  });
}

const fields = { regularization: z.number() };

const storage: MapStorage<RidgeMap, typeof fields> = {
  fields,
  save: ({ regularization, weights, intercept }) => ({
    fields: { regularization },
    tensors: { weights: tensorOf(weights), intercept: vectorTensor(intercept) },
  }),
  load: ({ regularization }, { matrix, values }) => ({
    weights: matrix("weights"),
    intercept: Float32Array.from(values("intercept")),
    regularization,
  }),
};

function ridgeGraph({ weights, intercept }: RidgeMap): GraphPart {
  return {
    nodes: [node("MatMul", "product", ["z", "weights"]), node("Add", "prior", ["product", "intercept"])],
    initializers: [matrixTensor("weights", weights), floatTensor("intercept", [intercept.length], intercept)],
  };
}

export const ridge: RegressorKind<"ridge", RidgeMap, typeof penaltyOptions, typeof fields> = {
  name: "ridge",
  options: penaltyOptions,
  prepare: prepareRidge,
  apply: applyRidgeMap,
  sameSetting: ({ regularization }) => ({ regularization }),
  storage,
  onnx: ridgeGraph,
  layers: ({ weights, intercept }) => [dense("prior", "z", weights, intercept)],
};
