/** Nearest neighbours by content (`knn-map.ts`): numbers of neighbours and shrinkages are tried on one list per held-out item. */
import { z } from "zod";
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import { tensorOf, vectorTensor } from "../../../data/files/safetensors.ts";
import { once } from "../../../once.ts";
import type { RegressionTask } from "../../regression-task.ts";
import type { MapStorage, PreparedKind, RegressorKind, Validated } from "../../regressor-kind.ts";
import { chooseSetting } from "../../setting-choice.ts";
import { type TrainingSet, weightedMean } from "../../training-set.ts";
import { knnGraph } from "./knn-graph.ts";
import { applyKnnMap, blend, type KnnMap, similarityRows } from "./knn-map.ts";

const knnOptions = {
  knn: z
    .strictObject({
      neighbours: z.array(z.int().min(1)).min(1).default([5, 10, 20, 50, 100]).describe("numbers of neighbours to try"),
      shrinkage: z
        .array(z.number().positive())
        .min(1)
        .default([0.1, 0.5, 2, 8])
        .describe("weights of the mean, in units of a neighbour of the same content, to try"),
    })
    .prefault({})
    .describe("factors of the nearest items by content"),
};

type KnnOptions = z.output<z.ZodObject<typeof knnOptions>>;

type KnnSetting = Pick<KnnMap, "neighbours" | "shrinkage">;

function prepareKnn(task: RegressionTask<KnnOptions>): PreparedKind<KnnMap> {
  const { neighbours: counts, shrinkage: shrinkages } = task.options.knn;
  const settings = counts.flatMap((neighbours) => shrinkages.map((shrinkage) => ({ neighbours, shrinkage })));
  const validate = once(() => trySettings(task, settings));
  const best = async () => (settings.length === 1 ? settings[0] : settingOf((await validate()).map));
  return { validate, refit: once(async () => ({ ...knnMap(task.all, task.blocks), ...(await best()) })) };
}

function settingOf({ neighbours, shrinkage }: KnnMap): KnnSetting {
  return { neighbours, shrinkage };
}

async function trySettings(
  task: RegressionTask<KnnOptions>,
  settings: readonly KnnSetting[],
): Promise<Validated<KnnMap>> {
  const { kept, heldOut, blocks, backend, options } = task;
  const base = knnMap(kept, blocks);
  const count = Math.min(Math.max(...options.knn.neighbours), base.landmarks.rows);
  const lists = await backend.topK({ queries: similarityRows(heldOut.x, blocks), items: base.landmarks, count });
  const candidates = settings.map((setting) => {
    const map = { ...base, ...setting };
    return { setting: { ...setting }, map, predict: () => blend(map, lists) };
  });
  return chooseSetting(task, candidates);
}

function knnMap({ x, y, weights }: TrainingSet, blocks: readonly FeatureBlock[]): Omit<KnnMap, keyof KnnSetting> {
  const meanWeight = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return {
    blocks,
    landmarks: similarityRows(x, blocks),
    factors: y,
    trust: Float32Array.from(weights, (weight) => weight / meanWeight),
    mean: Float32Array.from(weightedMean(y, weights)),
  };
}

const fields = { neighbours: z.int(), shrinkage: z.number() };

const storage: MapStorage<KnnMap, typeof fields> = {
  fields,
  save: ({ landmarks, factors, trust, mean, neighbours, shrinkage }) => ({
    fields: { neighbours, shrinkage },
    tensors: {
      landmarks: tensorOf(landmarks),
      factors: tensorOf(factors),
      trust: vectorTensor(trust),
      factorMean: vectorTensor(mean),
    },
  }),
  load: ({ neighbours, shrinkage }, { matrix, values }, blocks) => ({
    blocks,
    landmarks: matrix("landmarks"),
    factors: matrix("factors"),
    trust: Float32Array.from(values("trust")),
    mean: Float32Array.from(values("factorMean")),
    neighbours,
    shrinkage,
  }),
};

export const knn: RegressorKind<"knn", KnnMap, typeof knnOptions, typeof fields> = {
  name: "knn",
  options: knnOptions,
  prepare: prepareKnn,
  apply: applyKnnMap,
  sameSetting: ({ neighbours, shrinkage }, options) => ({
    knn: { ...options.knn, neighbours: [neighbours], shrinkage: [shrinkage] },
  }),
  storage,
  onnx: knnGraph,
};
