/**
 * Baseline `dropoutnet` (Volkovs, Yu and Poutanen 2017): a network of factors h_i and content x_i for items, and one of factors w_u for
 * users. They learn to give back the scores of ALS while items lose their factors at random, so that content alone must do:
 *
 *   min over f, g:  sum (f(m_i h_i, x_i) . g(w_u) - h_i . w_u)^2,    m_i = 0 with the probability of the dropout, else 1.
 *
 * An item without interactions has no factors, and is f(0, x_i).
 */
import { z } from "zod";
import { itemSupport } from "../data/interactions.ts";
import { cosines, factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { transpose } from "../math/linear-map.ts";
import { concatColumns, type Matrix, multiplyBy, rowOf, type SparseMatrix, takeRows } from "../math/matrix.ts";
import { createMatrixRoom } from "../math/matrix-room.ts";
import { createRandom, type Random } from "../math/random.ts";
import { scaleRows, squaredNorms } from "../math/row-norms.ts";
import { mean } from "../math/statistics.ts";
import { denseLayer, entered, type InputLayer, inputLayer, sequence, tanhLayer } from "../networks/layers.ts";
import { squaredLoss } from "../networks/losses.ts";
import { glorotParameter, updateAll, zeroParameter } from "../networks/parameter.ts";
import { trainPasses } from "../networks/passes.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { usersOfEntries } from "./biased-mf.ts";

export const dropoutnetOptionsSchema = z.strictObject({
  hidden: z.int().min(1).default(200).describe("units between the inputs and the vectors"),
  epochs: z.int().min(1).default(15).describe("passes over the interactions"),
  batch: z.int().min(2).default(256).describe("users, and items, whose scores with each other are learnt in a step"),
  dropout: z.number().min(0).max(1).default(0.5).describe("chance that an item loses its factors in a step"),
  learningRate: z.number().positive().default(1e-3).describe("step size of Adam"),
  seed: z.int().default(1).describe("seed of the start, the order and the dropout"),
});

export type DropoutnetOptions = z.input<typeof dropoutnetOptionsSchema>;

/** What is given: factors of another model, and content. */
export interface DropoutnetInputs {
  /** users x k, items x k. */
  readonly userFactors: Matrix;
  readonly itemFactors: Matrix;
  /** items x d. */
  readonly content: Matrix;
}

/** Two networks of one hidden layer, both to vectors of length k. */
export function createDropoutnet(
  { users, items, hidden, rank }: Readonly<Record<"users" | "items" | "hidden" | "rank", number>>,
  random: Random,
  backend: ComputeBackend,
) {
  const towerOf = (inputs: number) => {
    const [inner, outer] = [glorotParameter(hidden, inputs, random), glorotParameter(rank, hidden, random)];
    const [shift, bias] = [zeroParameter(1, hidden), zeroParameter(1, rank)];
    const rest = sequence([tanhLayer(), denseLayer(outer, bias, backend)]);
    return { layer: entered(inputLayer(inner, shift, backend), rest), parameters: [inner, shift, outer, bias] };
  };
  const [userTower, itemTower] = [towerOf(users), towerOf(items)];
  return {
    parameters: [...userTower.parameters, ...itemTower.parameters],
    users: userTower.layer,
    items: itemTower.layer,
    /** Adds the gradients of a batch of users and items, `targets` being users x items; the loss, a mean over pairs. */
    learn: async (userInputs: Matrix, itemInputs: Matrix, targets: Matrix): Promise<number> => {
      const [u, v] = [await userTower.layer(userInputs), await itemTower.layer(itemInputs)];
      const scores = await backend.multiplyTransposed(u.output, v.output);
      const { value, gradient } = squaredLoss(scores, targets);
      const share = 1 / targets.columns;
      multiplyBy(gradient.values, share);
      await u.backward(await backend.multiplyTransposed(gradient, transpose(v.output)));
      await v.backward(await backend.multiplyTransposed(transpose(gradient), transpose(u.output)));
      return value * share;
    },
  };
}

/** Fits on `train` (users x items, values ignored) and the inputs of users and items. */
export async function dropoutnet(
  train: SparseMatrix,
  inputs: DropoutnetInputs,
  options: DropoutnetOptions = {},
  context: RunContext = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const parsed = parseOptions(dropoutnetOptionsSchema, options, "dropoutnet");
  const { hidden, dropout, learningRate, seed } = parsed;
  const random = createRandom(seed);
  const rank = inputs.userFactors.columns;
  const users = withLength(inputs.userFactors, Math.sqrt(rank));
  const factors = withLength(inputs.itemFactors, Math.sqrt(rank));
  const content = withLength(inputs.content, Math.sqrt(rank));
  const shape = { users: rank, items: rank + content.columns, hidden, rank };
  const network = createDropoutnet(shape, random, backend);
  const [userOf, drawItems] = [usersOfEntries(train), itemSampler(train, random)];
  const [joined, room] = [concatColumns([factors, content]), createMatrixRoom()];
  const step = async (examples: Uint32Array, number: number): Promise<number> => {
    const asked = takeRows(
      users,
      examples.map((p) => userOf[p]),
    );
    const drawn = drawItems(examples);
    const targets = await backend.multiplyTransposed(asked, takeRows(factors, drawn));
    // Scores of vectors of length sqrt(k), as numbers of order one.
    multiplyBy(targets.values, 1 / Math.sqrt(rank));
    const given = room(drawn.length, joined.columns);
    takeRows(joined, drawn, given.values);
    for (let i = 0; i < drawn.length; i++) if (random.next() < dropout) rowOf(given, i).fill(0, 0, rank);
    const loss = await network.learn(asked, given, targets);
    updateAll(network.parameters, number, { learningRate, weightDecay: 0 });
    return loss;
  };
  await trainPasses({ ...parsed, stage: "dropoutnet", count: userOf.length }, random, step, context);
  const known = scaleRows(
    factors,
    Float32Array.from(itemSupport(train), (count) => Number(count > 0)),
  );
  const [userVectors, itemVectors] = [
    await vectorsOf(network.users, users),
    sharedMatrix(await vectorsOf(network.items, concatColumns([known, content]))),
  ];
  return {
    name: "dropoutnet",
    ...factorRanker(userVectors, itemVectors, backend),
    similar: cosines(itemVectors, backend),
  };
}

/** The rows times one number that makes their mean squared length that of `length`. */
function withLength(matrix: Matrix, length: number): Matrix {
  const root = Math.sqrt(mean(squaredNorms(matrix)));
  return scaleRows(matrix, new Float64Array(matrix.rows).fill(root > 0 ? length / root : 0));
}

/** The items of every other example, and as many drawn evenly from all that were taken: the tail is asked for too. */
function itemSampler(train: SparseMatrix, random: Random): (examples: Uint32Array) => Uint32Array {
  const support = itemSupport(train);
  const warm = Uint32Array.from(support.keys()).filter((item) => support[item] > 0);
  return (examples) => examples.map((p, i) => (i % 2 === 0 ? train.indices[p] : warm[random.integer(warm.length)]));
}

/** Rows at once; inputs of all items are wide. */
const BLOCK = 4096;

async function vectorsOf(layer: InputLayer, inputs: Matrix): Promise<Matrix> {
  const blocks: Matrix[] = [];
  for (let begin = 0; begin < inputs.rows; begin += BLOCK) {
    const rows = Uint32Array.from({ length: Math.min(BLOCK, inputs.rows - begin) }, (_, i) => begin + i);
    blocks.push((await layer(takeRows(inputs, rows))).output);
  }
  const columns = blocks[0]?.columns ?? 0;
  const values = new Float32Array(inputs.rows * columns);
  for (const [b, block] of blocks.entries()) values.set(block.values, b * BLOCK * columns);
  return { rows: inputs.rows, columns, values };
}
