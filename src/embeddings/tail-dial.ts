/**
 * The tail dial: one exponent t in [0, 1] on the item norm, score = w.h / |h|^t. At 0 popular items, which have long vectors,
 * lead; at 1 it is the cosine, and norms no longer decide between cold, tail and head. It costs nothing at query time.
 */
import { evaluate } from "../evaluation/evaluate.ts";
import { factorScorer } from "../evaluation/scorer.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import type { EmbeddingContext } from "./joint-training.ts";
import { scaleNorms } from "./norms.ts";
import { furthest } from "./settings-rules.ts";

export interface DialData {
  readonly train: SparseMatrix;
  readonly test: SparseMatrix;
  /** users x d. */
  readonly userVectors: Matrix;
  /** items x d. */
  readonly itemVectors: Matrix;
}

export interface DialTrial {
  readonly tail: number;
  readonly ndcg: number;
}

/** NDCG@10 over the whole catalog at every setting of the dial. */
export async function measureDial(
  { train, test, userVectors, itemVectors }: DialData,
  candidates: readonly number[],
  { signal, kernel }: EmbeddingContext = {},
): Promise<DialTrial[]> {
  const contenders = candidates.map((tail) => ({
    name: String(tail),
    score: factorScorer(userVectors, scaleNorms(itemVectors, tail), kernel),
  }));
  const report = await evaluate(
    { train, test, contenders, slices: [] },
    { metrics: ["ndcg@10"], resamples: 100 },
    { signal },
  );
  return candidates.map((tail, c) => ({ tail, ndcg: report.results[c].value }));
}

/**
 * The tail-fairest setting (largest exponent) within `tolerance` of `best`, which is the best of the trials or what other settings
 * reached before; the best of the trials where none is.
 */
export function fairestTail(
  trials: readonly DialTrial[],
  tolerance: number,
  best = Math.max(...trials.map(({ ndcg }) => ndcg)),
): number {
  const asTrials = trials.map(({ tail, ndcg }) => ({ value: tail, cold: 0, warm: ndcg }));
  return furthest(asTrials, tolerance, best);
}
