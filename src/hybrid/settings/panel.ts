/**
 * A panel: some users with what they are shown to have taken and what they are asked for, and NDCG@10 of models on it. A model's
 * row i is the panel's user i.
 */
import type { Interactions } from "../../data/interactions.ts";
import { evaluate } from "../../evaluation/evaluate.ts";
import { type Contender, factorRanker } from "../../evaluation/ranking/scorer.ts";
import type { ComputeBackend } from "../../math/compute/backend.ts";
import type { Matrix, SparseMatrix } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import { scaleNorms } from "../norms.ts";
import type { DialTrial } from "./setting-trials.ts";

export interface Panel {
  /** Rows of these users in the whole data. */
  readonly users: Uint32Array;
  readonly train: Interactions;
  readonly test: SparseMatrix;
  /** A flag per item: 0 for those that do not compete in lists of the whole catalog; all do when absent. */
  readonly candidates?: Uint8Array;
}

/** The parts of a panel that its figures depend on. */
type Targets = Pick<Panel, "test" | "candidates"> & { readonly train: SparseMatrix };

const FIGURE = { metrics: ["ndcg@10"], resamples: 100 };

/** NDCG@10 of every model when only hidden items compete: those that somebody on the panel is asked for. */
export async function coldNdcg({ train, test }: Targets, contenders: readonly Contender[]): Promise<number[]> {
  const candidates = new Uint8Array(test.columns);
  for (const item of test.indices) candidates[item] = 1;
  return overallNdcg({ train, test, candidates }, contenders);
}

/** NDCG@10 of every model over the panel's candidates. */
export async function overallNdcg(
  { train, test, candidates }: Targets,
  contenders: readonly Contender[],
  { signal }: RunContext = {},
): Promise<number[]> {
  const input = { train, test, contenders, slices: [], candidateFilter: candidates };
  const { results } = await evaluate(input, FIGURE, { signal });
  return results.map(({ value }) => value);
}

export interface ServedVectors {
  /** One row a user of the panel: users x d. */
  readonly users: Matrix;
  /** items x d. */
  readonly items: Matrix;
}

/** Overall NDCG@10 at every setting of the tail dial, score = w.v / |v|^tail. */
export async function dialTrials(
  panel: Targets,
  { users, items }: ServedVectors,
  tails: readonly number[],
  context: RunContext & { readonly backend?: ComputeBackend } = {},
): Promise<DialTrial[]> {
  const turned = tails.map((tail) => ({
    name: `tail ${tail}`,
    ...factorRanker(users, scaleNorms(items, tail), context.backend),
  }));
  const figures = await overallNdcg(panel, turned, context);
  return tails.map((tail, t) => ({ tail, ndcg: figures[t] }));
}
