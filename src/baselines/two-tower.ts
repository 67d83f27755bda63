/**
 * Baseline `two-tower` (Covington et al. 2016; Yi et al. 2019): v_i from an item's content and id, u from the other items of the user
 * and their content. With the items of a batch B as candidates, and q_j the share of interactions that j has,
 *
 *   loss = -ln softmax over j in B of (u . v_j - ln q_j), at the item that was taken.
 *
 * The correction ln q undoes that a batch draws popular items more often. Ids are dropped at random, so that new items need none.
 */
import { z } from "zod";
import { itemSupport } from "../data/interactions.ts";
import { cosines, queryRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { transpose } from "../math/linear-map.ts";
import { addTo, type Matrix, type SparseMatrix, takeRows, takeSparseRows } from "../math/matrix.ts";
import { createMatrixRoom } from "../math/matrix-room.ts";
import { createRandom, type Random } from "../math/random.ts";
import { unitRows } from "../math/row-norms.ts";
import { scaleSparseRows } from "../math/sparse-product.ts";
import { denseLayer, idRows, inputLayer, reluLayer, sequence, sparseLayer } from "../networks/layers.ts";
import { multinomialLoss } from "../networks/losses.ts";
import { glorotParameter, type Parameter, uniformParameter, updateAll, zeroParameter } from "../networks/parameter.ts";
import { trainPasses } from "../networks/passes.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { usersOfEntries } from "./biased-mf.ts";
import type { Baseline } from "./model-kind.ts";
import { onesOf } from "./taken-items.ts";

export const twoTowerOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(64).describe("length of the vectors"),
  hidden: z.int().min(1).default(128).describe("units of each tower"),
  epochs: z.int().min(1).default(12).describe("passes over the interactions"),
  batch: z.int().min(2).default(512).describe("interactions of a step, whose items are the candidates"),
  idDropout: z.number().min(0).max(1).default(0.5).describe("chance that an item loses its id in a step"),
  learningRate: z.number().positive().default(1.5e-3).describe("step size of Adam"),
  seed: z.int().default(1).describe("seed of the start, the order and the dropout"),
});

export type TwoTowerOptions = z.input<typeof twoTowerOptionsSchema>;

interface TowerShape {
  readonly items: number;
  /** Columns of content. */
  readonly content: number;
  readonly hidden: number;
  readonly rank: number;
}

/** What a tower is given: rows over item ids, and content of the same rows. */
export interface TowerInputs {
  readonly ids: SparseMatrix;
  readonly content: Matrix;
}

export interface TowerBatch {
  readonly users: TowerInputs;
  /** Row r is what user r took. */
  readonly items: TowerInputs;
  /** ln q of each item. */
  readonly logShare: Float32Array;
  /** Places in the batch whose items are no candidates for user r; r itself may be among them, and stays one. */
  readonly out: (r: number) => readonly number[];
}

interface Tower {
  readonly parameters: readonly Parameter[];
  readonly apply: (
    inputs: TowerInputs,
  ) => Promise<{ readonly output: Matrix; backward(gradient: Matrix): Promise<void> }>;
}

/** relu(E ids + C content + a) W' + b. */
function createTower({ items, content, hidden, rank }: TowerShape, random: Random, backend: ComputeBackend): Tower {
  const table = uniformParameter(items, hidden, 0.05, random);
  const [map, shift] = [glorotParameter(hidden, content, random), zeroParameter(1, hidden)];
  const [outer, bias] = [glorotParameter(rank, hidden, random), zeroParameter(1, rank)];
  const ofContent = inputLayer(map, shift, backend);
  const top = sequence([reluLayer(), denseLayer(outer, bias, backend)]);
  const apply = async (inputs: TowerInputs) => {
    const first = await sparseLayer(inputs.ids, table, undefined, backend);
    const second = await ofContent(inputs.content);
    addTo(first.output.values, second.output.values);
    const last = await top(first.output);
    const backward = async (gradient: Matrix): Promise<void> => {
      const back = await last.backward(gradient);
      await first.backward(back);
      await second.backward(back);
    };
    return { output: last.output, backward };
  };
  return { parameters: [table, map, shift, outer, bias], apply };
}

export function createTwoTower(shape: TowerShape, random: Random, backend: ComputeBackend) {
  const [users, items] = [createTower(shape, random, backend), createTower(shape, random, backend)];
  return {
    parameters: [...users.parameters, ...items.parameters],
    users: async (inputs: TowerInputs): Promise<Matrix> => (await users.apply(inputs)).output,
    items: async (inputs: TowerInputs): Promise<Matrix> => (await items.apply(inputs)).output,
    /** Adds the gradients of a batch; the loss. */
    learn: async (batch: TowerBatch): Promise<number> => {
      const [u, v] = [await users.apply(batch.users), await items.apply(batch.items)];
      const scores = await backend.multiplyTransposed(u.output, v.output);
      const { value, gradient } = multinomialLoss(corrected(scores, batch), diagonal(scores.rows));
      await u.backward(await backend.multiplyTransposed(gradient, transpose(v.output)));
      await v.backward(await backend.multiplyTransposed(transpose(gradient), transpose(u.output)));
      return value;
    },
  };
}

/** Low enough that a candidate has no share in a softmax. */
const NO_CANDIDATE = -1e4;

/** The scores less ln q, in place. */
function corrected(scores: Matrix, { logShare, out }: TowerBatch): Matrix {
  const { rows, columns, values } = scores;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) values[r * columns + c] -= logShare[c];
    for (const c of out(r)) if (c !== r) values[r * columns + c] = NO_CANDIDATE;
  }
  return scores;
}

function diagonal(size: number): SparseMatrix {
  const places = Uint32Array.from({ length: size + 1 }, (_, i) => i);
  return {
    rows: size,
    columns: size,
    indptr: places,
    indices: places.slice(0, size),
    values: new Float32Array(size).fill(1),
  };
}

/** Fits on `train` (users x items, values ignored) and `content` (items x d). */
export async function twoTower(
  train: SparseMatrix,
  content: Matrix,
  options: TwoTowerOptions = {},
  context: RunContext = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const parsed = parseOptions(twoTowerOptionsSchema, options, "two-tower");
  const { idDropout, learningRate, seed } = parsed;
  const random = createRandom(seed);
  const unit = sharedMatrix(unitRows(content));
  const network = createTwoTower({ items: train.columns, content: unit.columns, ...parsed }, random, backend);
  const [userOf, room] = [usersOfEntries(train), createMatrixRoom()];
  const support = itemSupport(train);
  const inputsOfUsers = async (ids: SparseMatrix) => ({ ids, content: await backend.multiplySparse(ids, unit) });
  const step = async (examples: Uint32Array, number: number): Promise<number> => {
    const users = examples.map((p) => userOf[p]);
    const items = examples.map((p) => train.indices[p]);
    const kept = Float32Array.from(items, () => Number(random.next() >= idDropout));
    const loss = await network.learn({
      users: await inputsOfUsers(meanRows(train, users, items)),
      items: {
        ids: idRows(items, train.columns, kept),
        content: takeRows(unit, items, room(items.length, unit.columns).values),
      },
      logShare: Float32Array.from(items, (item) => Math.log(support[item] / train.indices.length)),
      out: takenInBatch(train, users, items),
    });
    updateAll(network.parameters, number, { learningRate, weightDecay: 0 });
    return loss;
  };
  await trainPasses({ ...parsed, stage: "two-tower", count: train.indices.length }, random, step, context);
  const everyItem = Uint32Array.from(support.keys());
  const known = Float32Array.from(support, (count) => Number(count > 0));
  const ids = idRows(everyItem, train.columns, known);
  const itemVectors = sharedMatrix(await network.items({ ids, content: unit }));
  const take = async (users: Uint32Array) => network.users(await inputsOfUsers(meanRows(train, users)));
  return {
    name: "two-tower",
    ...queryRanker({ rows: train.rows, columns: itemVectors.columns, take }, itemVectors, backend),
    similar: cosines(itemVectors, backend),
  };
}

/** The places in `items` of what each user took. */
function takenInBatch({ indptr, indices }: SparseMatrix, users: Uint32Array, items: Uint32Array): TowerBatch["out"] {
  const placesOf = new Map<number, number[]>();
  for (const [place, item] of items.entries()) placesOf.set(item, [...(placesOf.get(item) ?? []), place]);
  return (r) => {
    const taken = indices.subarray(indptr[users[r]], indptr[users[r] + 1]);
    return Array.from(taken).flatMap((item) => placesOf.get(item) ?? []);
  };
}

/** Means over the items of users, each without the one that is asked for. */
function meanRows(train: SparseMatrix, users: Uint32Array, asked?: Uint32Array): SparseMatrix {
  const ones = onesOf(takeSparseRows(train, users));
  const counts = new Float32Array(users.length);
  for (let i = 0; i < users.length; i++) {
    for (let p = ones.indptr[i]; p < ones.indptr[i + 1]; p++) {
      if (ones.indices[p] === asked?.[i]) ones.values[p] = 0;
      counts[i] += ones.values[p];
    }
  }
  return scaleSparseRows(
    ones,
    counts.map((count) => 1 / Math.max(1, count)),
  );
}

export const twoTowerKind: Baseline<TwoTowerOptions> = {
  name: "two-tower",
  words: "networks of items and of users' items, ids and content, that meet in an inner product",
  knowsContent: true,
  schema: twoTowerOptionsSchema.omit({ seed: true }),
  fit: async ({ train, content, seed, context }, options) =>
    twoTower(train, await content(), { ...options, seed }, context),
};
