/**
 * What the two multinomial autoencoders share (Liang, Krishnan, Hoffman and Jebara 2018): a user's row at length 1 with dropout as
 * input, and the likelihood of the row under softmax(h W' + b) as loss. Scores are the inner products of [h, 1] with [W, b].
 */
import { z } from "zod";
import { queryRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { concatColumns, type Matrix, type SparseMatrix, takeSparseRows } from "../math/matrix.ts";
import type { Random } from "../math/random.ts";
import { unitSparseRows } from "../math/sparse-product.ts";
import type { Parameter } from "../networks/parameter.ts";
import { onesOf } from "./taken-items.ts";

export const autoencoderOptions = {
  epochs: z
    .union([z.literal("auto"), z.int().min(1)])
    .default("auto")
    .describe("passes over the users; auto: as many as make 600 steps, and 30 at least"),
  batch: z.int().min(1).default(250).describe("users of a step"),
  learningRate: z.number().positive().default(2e-3).describe("step size of Adam"),
  dropout: z.number().min(0).lt(1).default(0.5).describe("share of a user's items left out of the input in a step"),
  seed: z.int().default(1).describe("seed of the start, the order and all dropout"),
};

const [AUTO_STEPS, AUTO_EPOCHS] = [600, 30];

/** The passes over `count` users that the options ask for. */
export function epochsOf(
  { epochs, batch }: { readonly epochs: "auto" | number; readonly batch: number },
  count: number,
): number {
  if (epochs !== "auto") return epochs;
  return Math.max(AUTO_EPOCHS, Math.ceil(AUTO_STEPS / Math.max(1, Math.ceil(count / batch))));
}

/** Rows of ones, as targets; and the same at length 1, as inputs. */
export interface UserRows {
  readonly ones: SparseMatrix;
  readonly units: SparseMatrix;
  /** Rows with an interaction: who is trained on. */
  readonly active: Uint32Array;
}

/** `train` is users x items, values ignored. */
export function userRows(train: SparseMatrix): UserRows {
  const ones = onesOf(train);
  const everyone = Uint32Array.from({ length: train.rows }, (_, user) => user);
  return {
    ones,
    units: unitSparseRows(ones),
    active: everyone.filter((user) => train.indptr[user + 1] > train.indptr[user]),
  };
}

/** A copy in which a share of the entries is zero, and the others make up for them. */
export function withDropout(rows: SparseMatrix, share: number, random: Random): SparseMatrix {
  const values = rows.values.map((value) => (random.next() < share ? 0 : value / (1 - share)));
  return { ...rows, values };
}

/** A decoder's last layer as a ranker: `hidden` makes h (n x H) of rows at length 1. */
export function autoencoderContender(
  name: string,
  { units }: UserRows,
  hidden: (rows: SparseMatrix) => Promise<Matrix>,
  [weight, bias]: readonly [Parameter, Parameter],
  backend: ComputeBackend = defaultBackend(),
): ScoredContender {
  const column = { rows: weight.matrix.rows, columns: 1, values: bias.matrix.values };
  const items = sharedMatrix(concatColumns([weight.matrix, column]));
  const take = async (users: Uint32Array): Promise<Matrix> => {
    const ones = { rows: users.length, columns: 1, values: new Float32Array(users.length).fill(1) };
    return concatColumns([await hidden(takeSparseRows(units, users)), ones]);
  };
  return { name, ...queryRanker({ rows: units.rows, columns: items.columns, take }, items, backend) };
}
