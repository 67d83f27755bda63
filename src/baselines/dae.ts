/**
 * Baseline `dae`: the multinomial denoising autoencoder (Mult-DAE; Liang et al. 2018),
 *
 *   h = tanh(dropout(x / |x|) V + a),   loss = -sum_j x_j ln softmax(h W' + b)_j + l (|V|^2 + |W|^2).
 *
 * With dense re-feeding (Kuchaiev and Ginsburg 2017) every step is followed by one that is fed, and asked for, the output of the first.
 */
import { z } from "zod";
import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, rowOf, type SparseMatrix, takeSparseRows } from "../math/matrix.ts";
import { createRandom, type Random } from "../math/random.ts";
import { unitSparseRows } from "../math/sparse-product.ts";
import { denseLayer, sequence, sparseLayer, tanhLayer } from "../networks/layers.ts";
import { multinomialLoss } from "../networks/losses.ts";
import { addPenalty, glorotParameter, updateAll, zeroParameter } from "../networks/parameter.ts";
import { trainPasses } from "../networks/passes.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { autoencoderContender, autoencoderOptions, epochsOf, userRows, withDropout } from "./autoencoder.ts";
import type { Baseline } from "./model-kind.ts";

export const daeOptionsSchema = z.strictObject({
  ...autoencoderOptions,
  hidden: z.int().min(1).default(128).describe("units between input and output"),
  regularization: z.number().min(0).default(2e-5).describe("l, the penalty on the squared weights"),
  refeeding: z.boolean().default(false).describe("follow each step by one that is fed the output of the first"),
});

export type DaeOptions = z.input<typeof daeOptionsSchema>;

/** The network: items x hidden on both sides. */
export function createDae(items: number, hidden: number, random: Random, backend: ComputeBackend) {
  const encode = glorotParameter(items, hidden, random);
  const shift = zeroParameter(1, hidden);
  const decode = glorotParameter(items, hidden, random);
  const bias = zeroParameter(1, items);
  const decoder = sequence([tanhLayer(), denseLayer(decode, bias, backend)]);
  return {
    parameters: [encode, shift, decode, bias],
    weights: [encode, decode],
    output: [decode, bias] as const,
    /** h of inputs, without dropout. */
    hidden: async (input: SparseMatrix): Promise<Matrix> =>
      (await tanhLayer()((await sparseLayer(input, encode, shift, backend)).output)).output,
    /** Adds the gradients of a batch; its loss, and d loss / d logits. */
    learn: async (input: SparseMatrix, targets: SparseMatrix) => {
      const encoded = await sparseLayer(input, encode, shift, backend);
      const decoded = await decoder(encoded.output);
      const loss = multinomialLoss(decoded.output, targets);
      await encoded.backward(await decoded.backward(loss.gradient));
      return loss;
    },
  };
}

/** Fits on `train` (users x items, values ignored). */
export async function dae(
  train: SparseMatrix,
  options: DaeOptions = {},
  context: RunContext = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const parsed = parseOptions(daeOptionsSchema, options, "dae");
  const { hidden, dropout, regularization, refeeding, learningRate, seed } = parsed;
  const random = createRandom(seed);
  const rows = userRows(train);
  const network = createDae(train.columns, hidden, random, backend);
  const count = rows.active.length;
  const passes = { ...parsed, stage: "dae", count, epochs: epochsOf(parsed, count) };
  let updates = 0;
  const learn = async (input: SparseMatrix, targets: SparseMatrix) => {
    const loss = await network.learn(input, targets);
    for (const weight of network.weights) addPenalty(weight, 2 * regularization);
    updateAll(network.parameters, ++updates, { learningRate, weightDecay: 0 });
    return loss;
  };
  const step = async (examples: Uint32Array): Promise<number> => {
    const users = examples.map((i) => rows.active[i]);
    const targets = takeSparseRows(rows.ones, users);
    const { value, gradient } = await learn(withDropout(takeSparseRows(rows.units, users), dropout, random), targets);
    if (refeeding) {
      const output = expectedRows(gradient, targets);
      await learn(unitSparseRows(output), output);
    }
    return value;
  };
  await trainPasses(passes, random, step, context);
  return autoencoderContender("dae", rows, network.hidden, network.output, backend);
}

/** |x|_1 softmax, with every entry stored, from d loss / d logits = (|x|_1 softmax - x) / n. */
function expectedRows(gradient: Matrix, { indptr, indices, values }: SparseMatrix): SparseMatrix {
  const { rows, columns } = gradient;
  const expected = { rows, columns, values: gradient.values.map((value) => value * rows) };
  for (let i = 0; i < rows; i++) {
    const row = rowOf(expected, i);
    for (let p = indptr[i]; p < indptr[i + 1]; p++) row[indices[p]] += values[p];
  }
  return {
    ...expected,
    indptr: Uint32Array.from({ length: rows + 1 }, (_, i) => i * columns),
    indices: Uint32Array.from(expected.values, (_, p) => p % columns),
  };
}

export const daeKind: Baseline<DaeOptions> = {
  name: "dae",
  words: "a network that gives back all items of a user from some of them",
  knowsContent: false,
  needsBehaviour: true,
  schema: daeOptionsSchema.omit({ seed: true }),
  fit: ({ train, seed, context }, options) => dae(train, { ...options, seed }, context),
};
