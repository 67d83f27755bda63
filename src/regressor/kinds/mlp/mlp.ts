/** A residual network on standardised blocks, beside a ridge (`mlp-map.ts` has its equation, `mlp-fit.ts` its training). */
import { z } from "zod";
import { tensorOf } from "../../../data/files/safetensors.ts";
import type { MapStorage, RegressorKind } from "../../regressor-kind.ts";
import { prepareMlp } from "./mlp-fit.ts";
import { mlpGraph } from "./mlp-graph.ts";
import { mlpLayers } from "./mlp-layers.ts";
import { applyMlpMap, type MlpMap, mlpNames } from "./mlp-map.ts";
import { mlpKindOptions } from "./mlp-options.ts";

const fields = { depth: z.int(), epochs: z.int(), regularization: z.number(), members: z.int() };

const storage: MapStorage<MlpMap, typeof fields> = {
  fields,
  save: ({ depth, epochs, regularization, members }) => ({
    fields: { depth, epochs, regularization, members: members.length },
    tensors: Object.fromEntries(
      members.flatMap((weights, m) =>
        Object.entries(weights).map(([name, matrix]) => [tensorName(m, name), tensorOf(matrix)] as const),
      ),
    ),
  }),
  load: ({ depth, epochs, regularization, members }, { matrix }) => ({
    depth,
    epochs,
    regularization,
    members: Array.from({ length: members }, (_, m) =>
      Object.fromEntries(mlpNames(depth).map((name) => [name, matrix(tensorName(m, name))])),
    ),
  }),
};

function tensorName(member: number, name: string): string {
  return `member${member}.${name}`;
}

export const mlp: RegressorKind<"mlp", MlpMap, typeof mlpKindOptions, typeof fields> = {
  name: "mlp",
  options: mlpKindOptions,
  isSlow: true,
  fitsMetric: true,
  prepare: prepareMlp,
  apply: applyMlpMap,
  sameSetting: ({ regularization, epochs }, options) => ({ regularization, mlp: { ...options.mlp, epochs } }),
  storage,
  onnx: mlpGraph,
  layers: mlpLayers,
};
