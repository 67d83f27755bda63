/** NDCG@10 of hidden items when only those compete that somebody is asked for. */
import { evaluate } from "../../src/evaluation/evaluate.ts";
import type { Scorer } from "../../src/evaluation/ranking/scorer.ts";
import type { SparseMatrix } from "../../src/math/matrix.ts";

export async function coldNdcg(
  { train, test }: { readonly train: SparseMatrix; readonly test: SparseMatrix },
  score: Scorer,
): Promise<number> {
  const candidateFilter = new Uint8Array(test.columns);
  for (const item of test.indices) candidateFilter[item] = 1;
  const input = { train, test, contenders: [{ name: "model", score }], slices: [], candidateFilter };
  return (await evaluate(input, { metrics: ["ndcg@10"], resamples: 100 })).results[0].value;
}
