/**
 * Ridge regression in dual form on a sum of kernels per block (`block-kernels.ts`):
 *   f(x) = sum_i a_i K(x, x_i) + b.
 * With linear kernels this is `ridge`.
 */
import { z } from "zod";
import { sparseFrom, sparseTensors, tensorOf, vectorTensor } from "../../../data/files/safetensors.ts";
import type { MapStorage, RegressorKind } from "../../regressor-kind.ts";
import { prepareKernelRidge, prepareRefits } from "./kernel-fit.ts";
import { kernelFormNames } from "./kernel-forms.ts";
import { kernelGraph } from "./kernel-graph.ts";
import { applyKernelMap, type KernelMap } from "./kernel-map.ts";
import { kernelRidgeOptions } from "./kernel-options.ts";

const termSchema = z.strictObject({
  form: z.enum(kernelFormNames),
  offset: z.int(),
  dimension: z.int(),
  bit: z.int(),
  scale: z.number(),
  width: z.number(),
  // Bundles of tailrec 0.2.0 do not say.
  isSparse: z.boolean().default(false),
  range: z.strictObject({ begin: z.int(), end: z.int() }).optional(),
});

const fields = {
  regularization: z.number(),
  bandwidth: z.number(),
  terms: z.array(termSchema),
  blocks: z.int(),
};

const storage: MapStorage<KernelMap, typeof fields> = {
  fields,
  save: ({ regularization, bandwidth, terms, blocks, landmarks, sparseLandmarks, dual, intercept }) => ({
    fields: { regularization, bandwidth, terms: [...terms], blocks },
    tensors: {
      landmarks: tensorOf(landmarks),
      dual: tensorOf(dual),
      intercept: vectorTensor(intercept),
      ...(sparseLandmarks && sparseTensors("landmarks.sparse", sparseLandmarks)),
    },
  }),
  load: (known, { matrix, values }) => ({
    ...known,
    landmarks: matrix("landmarks"),
    ...(known.terms.some(({ isSparse }) => isSparse) && { sparseLandmarks: sparseFrom("landmarks.sparse", values) }),
    dual: matrix("dual"),
    intercept: Float32Array.from(values("intercept")),
  }),
};

export const kernelRidge: RegressorKind<"kernel-ridge", KernelMap, typeof kernelRidgeOptions, typeof fields> = {
  name: "kernel-ridge",
  options: kernelRidgeOptions,
  prepare: prepareKernelRidge,
  prepareRefits,
  apply: applyKernelMap,
  sameSetting: ({ regularization, bandwidth }, options) => ({
    regularization,
    kernelRidge: { ...options.kernelRidge, bandwidths: [bandwidth] },
  }),
  storage,
  onnx: kernelGraph,
  hasGraph: ({ terms }) => !terms.some(({ isSparse }) => isSparse),
};
