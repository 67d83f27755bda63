/**
 * Baseline `lightgcn` (He et al. 2020): vectors E of users and items, averaged along the graph of interactions,
 *
 *   Z = (E + A E + ... + A^L E) / (L + 1),    A = D^-1/2 [0 X; X' 0] D^-1/2,
 *
 * and learnt by BPR: ln s(z_u . (z_i - z_j)) for taken items i and drawn ones j, with l/2 (|e_u|^2 + |e_i|^2 + |e_j|^2) against it.
 * A is symmetric, so the gradient goes back along the same averages.
 */
import { z } from "zod";
import { itemSupport } from "../data/interactions.ts";
import { cosines, factorRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix, sharedSparse } from "../math/compute/shared-memory.ts";
import { addTo, type Matrix, rowOf, rowRange, type SparseMatrix, transposeSparse, zeros } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import { scaleRows } from "../math/row-norms.ts";
import { type Parameter, uniformParameter, updateAll } from "../networks/parameter.ts";
import { trainPasses } from "../networks/passes.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { usersOfEntries } from "./biased-mf.ts";
import type { Baseline } from "./model-kind.ts";
import { drawOther } from "./taken-items.ts";

export const lightgcnOptionsSchema = z.strictObject({
  rank: z.int().min(1).default(64).describe("length of the vectors"),
  layers: z.int().min(0).default(3).describe("L, the steps along the graph"),
  epochs: z.int().min(1).default(30).describe("passes over the interactions"),
  batch: z.int().min(1).default(2048).describe("interactions of a step"),
  learningRate: z.number().positive().default(1e-2).describe("step size of Adam"),
  regularization: z.number().min(0).default(1e-4).describe("l, the penalty on the vectors of a step"),
  seed: z.int().default(1).describe("seed of the start, the order and the draws"),
});

export type LightgcnOptions = z.input<typeof lightgcnOptionsSchema>;

/** The users, taken items and drawn items of a step, as nodes: items come after the users. */
export interface Triples {
  readonly users: Uint32Array;
  readonly taken: Uint32Array;
  readonly drawn: Uint32Array;
}

/** A, the normalised graph: (users + items) squared. A node without interactions has no edge. */
export function interactionGraph(train: SparseMatrix): SparseMatrix {
  const turned = transposeSparse(train);
  const degrees = [train, turned].flatMap(({ indptr, rows }) =>
    Array.from({ length: rows }, (_, i) => indptr[i + 1] - indptr[i]),
  );
  const indices = new Uint32Array(2 * train.indices.length);
  indices.set(train.indices.map((item) => train.rows + item));
  indices.set(turned.indices, train.indices.length);
  const indptr = new Uint32Array(degrees.length + 1);
  for (const [node, degree] of degrees.entries()) indptr[node + 1] = indptr[node] + degree;
  const values = new Float32Array(indices.length);
  for (const [node, degree] of degrees.entries()) {
    for (let p = indptr[node]; p < indptr[node + 1]; p++) values[p] = 1 / Math.sqrt(degree * degrees[indices[p]]);
  }
  return { rows: degrees.length, columns: degrees.length, indptr, indices, values };
}

/** (V + A V + ... + A^L V) / (L + 1). */
export async function propagate(
  graph: SparseMatrix,
  vectors: Matrix,
  layers: number,
  backend: ComputeBackend,
): Promise<Matrix> {
  const sum = vectors.values.slice();
  let power = vectors;
  for (let layer = 0; layer < layers; layer++) {
    power = await backend.multiplySparse(graph, power);
    addTo(sum, power.values);
  }
  for (let p = 0; p < sum.length; p++) sum[p] /= layers + 1;
  return { ...vectors, values: sum };
}

/** Adds the gradient of a step to that of E; the loss, a mean over the triples. */
export async function learnTriples(
  embeddings: Parameter,
  graph: SparseMatrix,
  triples: Triples,
  { layers, regularization }: Pick<z.output<typeof lightgcnOptionsSchema>, "layers" | "regularization">,
  backend: ComputeBackend,
): Promise<number> {
  const { matrix, gradient } = embeddings;
  const averaged = await propagate(graph, matrix, layers, backend);
  const ofAveraged = zeros(matrix.rows, matrix.columns);
  const count = triples.users.length;
  let loss = 0;
  for (let t = 0; t < count; t++) {
    const nodes = [triples.users[t], triples.taken[t], triples.drawn[t]];
    loss += pairLoss(averaged, ofAveraged, nodes, count);
    for (const node of nodes) loss += (regularization / 2) * shrink(matrix, gradient, node, regularization / count);
  }
  const back = await propagate(graph, ofAveraged, layers, backend);
  addTo(gradient, back.values);
  return loss / count;
}

function pairLoss(z: Matrix, gradient: Matrix, [user, taken, drawn]: readonly number[], count: number): number {
  const [w, i, j] = [rowOf(z, user), rowOf(z, taken), rowOf(z, drawn)];
  const [dw, di, dj] = [rowOf(gradient, user), rowOf(gradient, taken), rowOf(gradient, drawn)];
  let x = 0;
  for (let d = 0; d < w.length; d++) x += w[d] * (i[d] - j[d]);
  const pull = -1 / (1 + Math.exp(x)) / count;
  for (let d = 0; d < w.length; d++) {
    dw[d] += pull * (i[d] - j[d]);
    di[d] += pull * w[d];
    dj[d] -= pull * w[d];
  }
  return Math.log1p(Math.exp(-Math.abs(x))) + Math.max(0, -x);
}

/** Adds share e to the gradient of a node; |e|^2. */
function shrink({ columns, values }: Matrix, gradient: Float32Array, node: number, share: number): number {
  let square = 0;
  for (let p = node * columns; p < (node + 1) * columns; p++) {
    gradient[p] += share * values[p];
    square += values[p] * values[p];
  }
  return square;
}

/** Fits on `train` (users x items, values ignored). */
export async function lightgcn(
  train: SparseMatrix,
  options: LightgcnOptions = {},
  context: RunContext = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const parsed = parseOptions(lightgcnOptionsSchema, options, "lightgcn");
  const random = createRandom(parsed.seed);
  const graph = sharedSparse(interactionGraph(train));
  const embeddings = uniformParameter(graph.rows, parsed.rank, 0.1 * Math.sqrt(3), random);
  const userOf = usersOfEntries(train);
  const step = async (examples: Uint32Array, number: number): Promise<number> => {
    const users = examples.map((p) => userOf[p]);
    const drawn = users.map((user) => train.rows + drawOther(train, user, random));
    const taken = examples.map((p) => train.rows + train.indices[p]);
    const loss = await learnTriples(embeddings, graph, { users, taken, drawn }, parsed, backend);
    updateAll([embeddings], number, { learningRate: parsed.learningRate, weightDecay: 0 });
    return loss;
  };
  await trainPasses({ ...parsed, stage: "lightgcn", count: userOf.length }, random, step, context);
  const averaged = await propagate(graph, embeddings.matrix, parsed.layers, backend);
  const users = rowRange(averaged, 0, train.rows);
  const items = sharedMatrix(withoutStrangers(rowRange(averaged, train.rows, graph.rows), train));
  return {
    name: "lightgcn",
    ...factorRanker(users, items, backend),
    similar: cosines(items, backend),
  };
}

/** Zeros for items without interactions: what they started from means nothing. */
function withoutStrangers(items: Matrix, train: SparseMatrix): Matrix {
  return scaleRows(
    items,
    itemSupport(train).map((count) => Math.min(1, count)),
  );
}

export const lightgcnKind: Baseline<LightgcnOptions> = {
  name: "lightgcn",
  words: "vectors averaged along the graph of interactions, learnt by pairs",
  knowsContent: false,
  needsBehaviour: true,
  schema: lightgcnOptionsSchema.omit({ seed: true }),
  fit: ({ train, seed, context }, options) => lightgcn(train, { ...options, seed }, context),
};
