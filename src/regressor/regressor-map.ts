/**
 * What a regressor of each kind is: plain data that map standardised features with presence bits, z: n x (d + blocks), to
 * factors. `applyMap` is the only place where they are evaluated in this process; `onnx-export.ts` writes the same maps as graphs.
 */
import type { ComputeBackend } from "../math/compute/backend.ts";
import type { Matrix } from "../math/matrix.ts";
import { applyKernelMap, type KernelMap } from "./kinds/kernel-ridge.ts";
import { applyKnnMap, type KnnMap } from "./kinds/knn.ts";
import { applyMlpMap, type MlpMap } from "./kinds/mlp.ts";
import { applyRidgeMap, type RidgeMap } from "./kinds/ridge.ts";

export type RegressorMap = RidgeMap | KernelMap | KnnMap | MlpMap;

export type RegressorKind = RegressorMap["kind"];

/** f(z): n x k. */
export function applyMap(map: RegressorMap, z: Matrix, backend: ComputeBackend): Promise<Matrix> {
  if (map.kind === "ridge") return applyRidgeMap(map, z, backend);
  if (map.kind === "kernel-ridge") return applyKernelMap(map, z, backend);
  if (map.kind === "knn") return applyKnnMap(map, z, backend);
  return applyMlpMap(map, z, backend);
}
