/** The linear regressor f(x) = W'z + b, in closed form, its penalty chosen on held-out items. */
import { z } from "zod";
import { tensorOf, vectorTensor } from "../../../data/files/safetensors.ts";
import type { Matrix } from "../../../math/matrix.ts";
import { floatTensor } from "../../../math/onnx/onnx-graph.ts";
import { once } from "../../../once.ts";
import { dense } from "../../layers-part.ts";
import { addMoments, type Moments, momentsOf } from "../../moments.ts";
import { type GraphPart, matrixTensor, node } from "../../onnx-graph-part.ts";
import {
  CHOICE_SAMPLE,
  choosePenalty,
  type PenaltyMethod,
  type PenaltyOptions,
  penaltiesOf,
  penaltyOptions,
  smallerThan,
} from "../../penalty-choice.ts";
import { type RegressionTask, sampleTask } from "../../regression-task.ts";
import type { MapStorage, PreparedKind, RegressorKind } from "../../regressor-kind.ts";
import { fitMomentRidge } from "./moment-ridge.ts";
import { applyRidgeMap, fitRidgeMaps, type RidgeMap } from "./ridge-regression.ts";
import { fitSparseRidge } from "./sparse-ridge.ts";
import { reducedBlock } from "./wide-rows.ts";

/** On the columns of every block alone. */
export function prepareRidge(task: RidgeTask): PreparedKind<RidgeMap> {
  const { moments, backend } = task;
  return moments === undefined
    ? preparedWith(task, (part, penalties) => fitRidgeMaps(task[part], penalties, backend))
    : preparedWith(task, byMoments(task, moments));
}

/** All items by their moments; the kept ones are all but those of the sample that are held out. */
function byMoments(task: RidgeTask, moments: () => Promise<Moments>): FitMaps {
  const { backend } = task;
  const kept = once(async () => addMoments(await moments(), await momentsOf(task.heldOut, backend), -1));
  return async (part, penalties) => fitMomentRidge(await (part === "all" ? moments() : kept()), penalties, backend);
}

/** On sparse rows whole, where the features have them: a sample chooses the penalty, all items confirm it (decision 080). */
function prepareWideRidge(task: RidgeTask): PreparedKind<RidgeMap> {
  const block = reducedBlock(task.blocks);
  if (block === undefined || task.all.sparse === undefined) return prepareRidge(task);
  const fitOn =
    (sets: RidgeTask): FitMaps =>
    (part, penalties) =>
      fitSparseRidge(sets[part], block, penalties, task.backend);
  const fitMaps = fitOn(task);
  if (penaltiesOf(task).length === 1 || task.places.kept.length <= CHOICE_SAMPLE) return preparedWith(task, fitMaps);
  const confirmed = once(async () => {
    const sample = sampleTask(task, CHOICE_SAMPLE);
    const { map } = await preparedWith(sample, fitOn(sample)).validate();
    return preparedWith(task, fitMaps, [map.regularization], smallerThan(task, map.regularization));
  });
  return {
    validate: async () => (await confirmed()).validate(),
    refit: async () => (await confirmed()).refit(),
  };
}

type RidgeTask = RegressionTask<PenaltyOptions>;

type FitMaps = PenaltyMethod<RidgeMap>["fit"];

function preparedWith(
  task: RidgeTask,
  fit: FitMaps,
  penalties = penaltiesOf(task),
  smaller: readonly number[] = [],
): PreparedKind<RidgeMap> {
  const { backend } = task;
  const method: PenaltyMethod<RidgeMap> = {
    fit,
    predictHeldOut: (maps) => {
      const { x, sparse } = task.heldOut;
      return Promise.all(maps.map((map) => applyRidgeMap(map, x, backend, sparse)));
    },
  };
  return choosePenalty(task, method, penalties, smaller);
}

// A map that reads columns alone, as those of tailrec 0.2.0, does not say so.
const fields = { regularization: z.number(), readsTerms: z.literal(true).optional() };

const storage: MapStorage<RidgeMap, typeof fields> = {
  fields,
  save: ({ regularization, weights, terms, intercept }) => ({
    fields: { regularization, ...(terms && { readsTerms: true as const }) },
    tensors: {
      weights: tensorOf(weights),
      intercept: vectorTensor(intercept),
      ...(terms && { terms: tensorOf(terms) }),
    },
  }),
  load: ({ regularization, readsTerms }, { matrix, values }) => ({
    weights: matrix("weights"),
    ...(readsTerms && { terms: matrix("terms") }),
    intercept: Float32Array.from(values("intercept")),
    regularization,
  }),
};

function ridgeGraph({ weights, terms, intercept }: RidgeMap): GraphPart {
  const line: GraphPart = {
    nodes: [
      node("MatMul", "product", ["z", "weights"]),
      node("Add", terms ? "dense" : "prior", ["product", "intercept"]),
    ],
    initializers: [matrixTensor("weights", weights), floatTensor("intercept", [intercept.length], intercept)],
  };
  return terms === undefined ? line : withTerms(line, terms);
}

/** Plus the sum over the entries of a row of their value times the weights of their term. */
function withTerms({ nodes, initializers }: GraphPart, terms: Matrix): GraphPart {
  const axis = (name: string, value: number) => ({ name, dimensions: [1], data: BigInt64Array.of(BigInt(value)) });
  return {
    inputs: [
      { name: "entries", element: "int64", dimensions: ["items", "length"] },
      { name: "entryValues", element: "float32", dimensions: ["items", "length"] },
    ],
    nodes: [
      ...nodes,
      node("Gather", "entryWeights", ["terms", "entries"]),
      node("Unsqueeze", "entryColumn", ["entryValues", "lastAxis"]),
      node("Mul", "weighed", ["entryWeights", "entryColumn"]),
      node("ReduceSum", "ofTerms", ["weighed", "entryAxis"], { keepdims: 0 }),
      node("Add", "prior", ["dense", "ofTerms"]),
    ],
    initializers: [...initializers, matrixTensor("terms", terms), axis("lastAxis", 2), axis("entryAxis", 1)],
  };
}

export const ridge: RegressorKind<"ridge", RidgeMap, typeof penaltyOptions, typeof fields> = {
  name: "ridge",
  options: penaltyOptions,
  prepare: prepareWideRidge,
  apply: applyRidgeMap,
  sameSetting: ({ regularization }) => ({ regularization }),
  storage,
  onnx: ridgeGraph,
  layers: ({ weights, intercept }) => [dense("prior", "z", weights, intercept)],
  hasLayers: ({ terms }) => terms === undefined,
};
