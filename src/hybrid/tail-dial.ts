/**
 * The tail dial: one exponent t in [0, 1] on the item norm, score = w.h / |h|^t. At 0 popular items, which have long vectors,
 * lead; at 1 it is the cosine, and norms no longer decide between cold, tail and head. It costs nothing at query time.
 */
import { evaluate } from "../evaluation/evaluate.ts";
import { factorRanker } from "../evaluation/ranking/scorer.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import type { EmbeddingContext } from "./joint-training.ts";
import { scaleNorms } from "./norms.ts";
import { furthest } from "./settings/settings-rules.ts";

export interface DialData {
  readonly train: SparseMatrix;
  readonly test: SparseMatrix;
  /** A flag per item: 0 takes it out of the lists; all compete when absent. */
  readonly candidates?: Uint8Array;
  /** users x d. */
  readonly userVectors: Matrix;
  /** items x d. */
  readonly itemVectors: Matrix;
}

export interface DialTrial {
  readonly tail: number;
  readonly ndcg: number;
}

/** NDCG@10 over all candidates at every setting of the dial. */
export async function measureDial(
  { train, test, candidates, userVectors, itemVectors }: DialData,
  settings: readonly number[],
  { signal, backend }: EmbeddingContext = {},
): Promise<DialTrial[]> {
  const contenders = settings.map((tail) => ({
    name: String(tail),
    ...factorRanker(userVectors, scaleNorms(itemVectors, tail), backend),
  }));
  const report = await evaluate(
    { train, test, contenders, slices: [], candidateFilter: candidates },
    { metrics: ["ndcg@10"], resamples: 100 },
    { signal },
  );
  return settings.map((tail, s) => ({ tail, ndcg: report.results[s].value }));
}

/** The tail-fairest setting (largest exponent) within `tolerance` of the best of the trials. */
export function fairestTail(trials: readonly DialTrial[], tolerance: number): number {
  const asTrials = trials.map(({ tail, ndcg }) => ({ value: tail, cold: 0, warm: ndcg }));
  return furthest(asTrials, tolerance);
}
