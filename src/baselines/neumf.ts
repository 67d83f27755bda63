/**
 * Baseline `neumf`: neural matrix factorisation (He et al. 2017). With vectors of two kinds for users and items,
 *
 *   x = a' (p_u * q_i) + b' relu(M_2 relu(M_1 [p'_u, q'_i] + c_1) + c_2),    loss = logistic(x, taken or not)
 *
 * over the interactions and items drawn against each. Both parts are trained alone first and then joined, each by half, as the
 * authors do.
 */
import { z } from "zod";
import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { columnRange, concatColumns, type Matrix, rowOf, type SparseMatrix, takeRows, zeros } from "../math/matrix.ts";
import { createRandom, type Random } from "../math/random.ts";
import { denseLayer, idRows, reluLayer, sequence, sparseLayer } from "../networks/layers.ts";
import { logisticLoss } from "../networks/losses.ts";
import { glorotParameter, type Parameter, uniformParameter, updateAll, zeroParameter } from "../networks/parameter.ts";
import { trainPasses } from "../networks/passes.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { usersOfEntries } from "./biased-mf.ts";
import type { Baseline } from "./model-kind.ts";
import { drawOther } from "./taken-items.ts";

export const neumfOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(16).describe("length of the vectors of each part"),
  epochs: z.int().min(1).default(6).describe("passes over the interactions, of each part and of both together"),
  batch: z.int().min(1).default(1024).describe("interactions of a step"),
  negatives: z.int().min(1).default(4).describe("items drawn against every interaction"),
  pretraining: z.boolean().default(true).describe("train each part alone before both together"),
  learningRate: z.number().positive().default(4e-3).describe("step size of Adam"),
  seed: z.int().default(1).describe("seed of the start, the order and the draws"),
});

export type NeumfOptions = z.input<typeof neumfOptionsSchema>;

/** What takes part: gmf, the product of vectors; mlp, the network of them. */
export type NeumfPart = "gmf" | "mlp" | "both";

/** Pairs of a step. */
export interface Pairs {
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  /** 1 for a pair that was taken. */
  readonly labels: Float32Array;
}

export function createNeumf(
  { users, items, rank }: Readonly<Record<"users" | "items" | "rank", number>>,
  random: Random,
  backend: ComputeBackend,
) {
  const tableOf = (rows: number) => uniformParameter(rows, rank, 0.05, random);
  const half = Math.ceil(rank / 2);
  const gmf = {
    users: tableOf(users),
    items: tableOf(items),
    out: glorotParameter(1, rank, random),
    bias: zeroParameter(1, 1),
  };
  const mlp = {
    users: tableOf(users),
    items: tableOf(items),
    first: glorotParameter(rank, 2 * rank, random),
    firstBias: zeroParameter(1, rank),
    second: glorotParameter(half, rank, random),
    secondBias: zeroParameter(1, half),
    out: glorotParameter(1, half, random),
    bias: zeroParameter(1, 1),
  };
  const top = sequence([
    denseLayer(mlp.first, mlp.firstBias, backend),
    reluLayer(),
    denseLayer(mlp.second, mlp.secondBias, backend),
    reluLayer(),
    denseLayer(mlp.out, mlp.bias, backend),
  ]);
  const product = denseLayer(gmf.out, gmf.bias, backend);
  const applyGmf = async ({ users: u, items: i }: Pairs) => {
    const [p, q] = [await gathered(u, gmf.users, backend), await gathered(i, gmf.items, backend)];
    const last = await product(timesEach(p.output, q.output));
    const backward = async (gradient: Matrix): Promise<void> => {
      const back = await last.backward(gradient);
      await p.backward(timesEach(back, q.output));
      await q.backward(timesEach(back, p.output));
    };
    return { output: last.output, backward };
  };
  const applyMlp = async ({ users: u, items: i }: Pairs) => {
    const [p, q] = [await gathered(u, mlp.users, backend), await gathered(i, mlp.items, backend)];
    const last = await top(concatColumns([p.output, q.output]));
    const backward = async (gradient: Matrix): Promise<void> => {
      const back = await last.backward(gradient);
      await p.backward(columnRange(back, 0, rank));
      await q.backward(columnRange(back, rank, 2 * rank));
    };
    return { output: last.output, backward };
  };
  const parametersOf = {
    gmf: Object.values(gmf),
    mlp: Object.values(mlp),
    both: [...Object.values(gmf), ...Object.values(mlp)],
  };
  return {
    gmf,
    mlp,
    parametersOf,
    /** Adds the gradients of a batch to the parameters of a part; the loss. */
    learn: async (pairs: Pairs, part: NeumfPart): Promise<number> => {
      const parts = [
        ...(part === "mlp" ? [] : [await applyGmf(pairs)]),
        ...(part === "gmf" ? [] : [await applyMlp(pairs)]),
      ];
      const outputs = parts[0].output.values.map((_, p) =>
        parts.reduce((sum, { output }) => sum + output.values[p], 0),
      );
      const { value, gradient } = logisticLoss({ ...parts[0].output, values: outputs }, pairs.labels);
      for (const { backward } of parts) await backward(gradient);
      return value;
    },
  };
}

export type Neumf = ReturnType<typeof createNeumf>;

function gathered(ids: Uint32Array, table: Parameter, backend: ComputeBackend) {
  return sparseLayer(idRows(ids, table.matrix.rows), table, undefined, backend);
}

function timesEach(a: Matrix, b: Matrix): Matrix {
  return { ...a, values: a.values.map((value, p) => value * b.values[p]) };
}

/** Fits on `train` (users x items, values ignored). */
export async function neumf(
  train: SparseMatrix,
  options: NeumfOptions = {},
  context: RunContext = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const parsed = parseOptions(neumfOptionsSchema, options, "neumf");
  const { negatives, pretraining, learningRate, seed } = parsed;
  const random = createRandom(seed);
  const network = createNeumf({ users: train.rows, items: train.columns, rank: parsed.rank }, random, backend);
  const userOf = usersOfEntries(train);
  for (const part of pretraining ? (["gmf", "mlp", "both"] as const) : (["both"] as const)) {
    if (pretraining && part === "both") joinByHalf(network);
    const parameters = network.parametersOf[part];
    const step = async (examples: Uint32Array, number: number): Promise<number> => {
      const loss = await network.learn(pairsOf(train, examples, userOf, negatives, random), part);
      updateAll(parameters, number, { learningRate, weightDecay: 0 });
      return loss;
    };
    await trainPasses({ ...parsed, stage: `neumf, ${part}`, count: userOf.length }, random, step, context);
  }
  return { name: "neumf", score: (users) => scoresOf(network, users, backend) };
}

/** Each part gives half of the sum; Adam forgets what it knew of the parts alone. */
function joinByHalf({ gmf, mlp, parametersOf }: Neumf): void {
  for (const { matrix } of [gmf.out, gmf.bias, mlp.out, mlp.bias]) {
    for (let p = 0; p < matrix.values.length; p++) matrix.values[p] /= 2;
  }
  for (const { adam } of parametersOf.both) {
    adam.first.fill(0);
    adam.second.fill(0);
  }
}

/** Every example with its drawn items. */
function pairsOf(
  train: SparseMatrix,
  examples: Uint32Array,
  userOf: Uint32Array,
  negatives: number,
  random: Random,
): Pairs {
  const width = negatives + 1;
  const count = examples.length * width;
  const pairs = { users: new Uint32Array(count), items: new Uint32Array(count), labels: new Float32Array(count) };
  for (let p = 0; p < count; p++) {
    const example = examples[Math.floor(p / width)];
    const isTaken = p % width === 0;
    pairs.users[p] = userOf[example];
    pairs.items[p] = isTaken ? train.indices[example] : drawOther(train, userOf[example], random);
    pairs.labels[p] = Number(isTaken);
  }
  return pairs;
}

/** Scores of all items. The first layer is a sum of a user's part and an item's, so pairs begin at the second. */
async function scoresOf({ gmf, mlp }: Neumf, users: Uint32Array, backend: ComputeBackend): Promise<Matrix> {
  const rank = mlp.first.matrix.columns / 2;
  const weighted = takeRows(gmf.users.matrix, users);
  for (let p = 0; p < weighted.values.length; p++) weighted.values[p] *= gmf.out.matrix.values[p % rank];
  const scores = await backend.multiplyTransposed(weighted, gmf.items.matrix);
  const [left, right] = [columnRange(mlp.first.matrix, 0, rank), columnRange(mlp.first.matrix, rank, 2 * rank)];
  const ofUsers = await backend.multiplyTransposed(takeRows(mlp.users.matrix, users), left);
  const ofItems = sharedMatrix(await backend.multiplyTransposed(mlp.items.matrix, right));
  const hidden = zeros(ofItems.rows, ofItems.columns);
  for (let i = 0; i < users.length; i++) {
    const own = rowOf(ofUsers, i).map((value, d) => value + mlp.firstBias.matrix.values[d]);
    for (let p = 0; p < hidden.values.length; p++)
      hidden.values[p] = Math.max(0, ofItems.values[p] + own[p % own.length]);
    const second = await backend.multiplyTransposed(hidden, mlp.second.matrix);
    addLast(rowOf(scores, i), second, mlp.secondBias.matrix.values, mlp.out.matrix.values);
  }
  return scores;
}

/** scores_i += b' relu(second_i + bias). */
function addLast(scores: Float32Array, second: Matrix, bias: Float32Array, weights: Float32Array): void {
  const width = second.columns;
  for (let i = 0; i < scores.length; i++) {
    for (let d = 0; d < width; d++) scores[i] += weights[d] * Math.max(0, second.values[i * width + d] + bias[d]);
  }
}

export const neumfKind: Baseline<NeumfOptions> = {
  name: "neumf",
  words: "a network of user and item vectors beside their product",
  knowsContent: false,
  needsBehaviour: true,
  schema: neumfOptionsSchema.omit({ seed: true }),
  fit: ({ train, seed, context }, options) => neumf(train, { ...options, seed }, context),
};
