/**
 * Baseline `vae`: the multinomial variational autoencoder (Mult-VAE; Liang et al. 2018). With e standard normal,
 *
 *   [m, s] = tanh(dropout(x / |x|) V + a) M' + c,   z = m + e exp(s / 2),   h = tanh(z U' + d),
 *   loss = -sum_j x_j ln softmax(h W' + b)_j + beta KL(N(m, exp s) | N(0, 1)),
 *
 * and beta grows from 0 to its cap. A user is scored at z = m.
 */
import { z } from "zod";
import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { columnRange, type Matrix, type SparseMatrix, takeSparseRows, zeros } from "../math/matrix.ts";
import { createRandom, type Random } from "../math/random.ts";
import { denseLayer, sequence, sparseLayer, tanhLayer } from "../networks/layers.ts";
import { multinomialLoss } from "../networks/losses.ts";
import { glorotParameter, updateAll, zeroParameter } from "../networks/parameter.ts";
import { stepsOf, trainPasses } from "../networks/passes.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { autoencoderContender, autoencoderOptions, epochsOf, userRows, withDropout } from "./autoencoder.ts";
import type { Baseline } from "./model-kind.ts";

/** The authors' 600 and 200 units are for tens of thousands of items and a hundred interactions a user. */
export const vaeOptionsSchema = z.strictObject({
  ...autoencoderOptions,
  hidden: z.int().min(1).default(256).describe("units of the layers beside input and output"),
  latent: z.int().min(1).default(128).describe("length of z"),
  klCap: z.number().min(0).max(1).default(0.2).describe("the most that beta becomes"),
  annealing: z.number().min(0).max(1).default(0.8).describe("share of the training in which beta grows to its cap"),
});

export type VaeOptions = z.input<typeof vaeOptionsSchema>;

interface VaeShape {
  readonly items: number;
  readonly hidden: number;
  readonly latent: number;
}

export function createVae({ items, hidden, latent }: VaeShape, random: Random, backend: ComputeBackend) {
  const first = glorotParameter(items, hidden, random);
  const firstBias = zeroParameter(1, hidden);
  const moments = glorotParameter(2 * latent, hidden, random);
  const momentsBias = zeroParameter(1, 2 * latent);
  const second = glorotParameter(hidden, latent, random);
  const secondBias = zeroParameter(1, hidden);
  const last = glorotParameter(items, hidden, random);
  const lastBias = zeroParameter(1, items);
  const encoder = sequence([tanhLayer(), denseLayer(moments, momentsBias, backend)]);
  const inner = sequence([denseLayer(second, secondBias, backend), tanhLayer()]);
  const outer = denseLayer(last, lastBias, backend);
  return {
    parameters: [first, firstBias, moments, momentsBias, second, secondBias, last, lastBias],
    output: [last, lastBias] as const,
    /** h at z = m, without dropout. */
    hidden: async (input: SparseMatrix): Promise<Matrix> => {
      const encoded = await encoder((await sparseLayer(input, first, firstBias, backend)).output);
      return (await inner(columnRange(encoded.output, 0, latent))).output;
    },
    /** Adds the gradients of a batch, `noise` being e (n x latent); the loss. */
    learn: async (input: SparseMatrix, targets: SparseMatrix, noise: Matrix, beta: number): Promise<number> => {
      const summed = await sparseLayer(input, first, firstBias, backend);
      const encoded = await encoder(summed.output);
      const decoded = await sequence([inner, outer])(drawn(encoded.output, noise));
      const { value, gradient } = multinomialLoss(decoded.output, targets);
      const divergence = addDivergence(encoded.output, await decoded.backward(gradient), noise, beta);
      await summed.backward(await encoded.backward(divergence.gradient));
      return value + divergence.value;
    },
  };
}

/** z = m + e exp(s / 2): n x latent. */
function drawn(moments: Matrix, noise: Matrix): Matrix {
  const { columns: latent } = noise;
  const values = noise.values.map((e, p) => {
    const at = Math.floor(p / latent) * 2 * latent + (p % latent);
    return moments.values[at] + e * Math.exp(moments.values[at + latent] / 2);
  });
  return { ...noise, values };
}

/** beta KL = beta/2 sum(e^s + m^2 - 1 - s) in mean over the batch, and d loss / d [m, s] from d loss / d z. */
function addDivergence(moments: Matrix, ofDrawn: Matrix, noise: Matrix, beta: number) {
  const { rows, columns: latent } = noise;
  const gradient = zeros(rows, 2 * latent);
  const share = beta / rows;
  let value = 0;
  for (let p = 0; p < noise.values.length; p++) {
    const at = Math.floor(p / latent) * 2 * latent + (p % latent);
    const [m, s] = [moments.values[at], moments.values[at + latent]];
    value += (share / 2) * (Math.exp(s) + m * m - 1 - s);
    gradient.values[at] = ofDrawn.values[p] + share * m;
    gradient.values[at + latent] =
      (ofDrawn.values[p] * noise.values[p] * Math.exp(s / 2)) / 2 + (share / 2) * (Math.exp(s) - 1);
  }
  return { value, gradient };
}

/** Fits on `train` (users x items, values ignored). */
export async function vae(
  train: SparseMatrix,
  options: VaeOptions = {},
  context: RunContext = {},
  backend: ComputeBackend = defaultBackend(),
): Promise<ScoredContender> {
  const parsed = parseOptions(vaeOptionsSchema, options, "vae");
  const { latent, dropout, klCap, annealing, learningRate, seed } = parsed;
  const random = createRandom(seed);
  const rows = userRows(train);
  const network = createVae({ items: train.columns, ...parsed }, random, backend);
  const count = rows.active.length;
  const passes = { ...parsed, stage: "vae", count, epochs: epochsOf(parsed, count) };
  const growing = Math.max(1, annealing * stepsOf(passes));
  const step = async (examples: Uint32Array, number: number): Promise<number> => {
    const users = examples.map((i) => rows.active[i]);
    const input = withDropout(takeSparseRows(rows.units, users), dropout, random);
    const noise = { ...zeros(users.length, latent), values: normals(users.length * latent, random) };
    const beta = klCap * Math.min(1, number / growing);
    const loss = await network.learn(input, takeSparseRows(rows.ones, users), noise, beta);
    updateAll(network.parameters, number, { learningRate, weightDecay: 0 });
    return loss;
  };
  await trainPasses(passes, random, step, context);
  return autoencoderContender("vae", rows, network.hidden, network.output, backend);
}

function normals(count: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal());
}

export const vaeKind: Baseline<VaeOptions> = {
  name: "vae",
  words: "a variational network that gives back all items of a user from some of them",
  knowsContent: false,
  needsBehaviour: true,
  schema: vaeOptionsSchema.omit({ seed: true }),
  fit: ({ train, seed, context }, options) => vae(train, { ...options, seed }, context),
};
