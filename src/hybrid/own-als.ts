/**
 * ALS under the hybrid, which may differ from that of the options: b times its a0 with 1 / b of its l, and so many times its k
 * (decisions 265 and 267). Plain ALS and all that rests on it stay as the options say.
 */
import { rankFor } from "../als/als.ts";
import type { AlsOptions } from "../als/als-options.ts";
import { timesUnobserved } from "../als/unobserved-weight.ts";
import type { SparseMatrix } from "../math/matrix.ts";

export interface OwnAlsSettings {
  /** b: ALS has b times its a0 and 1 / b of its l. */
  readonly alsUnobservedWeight: number;
  /** ALS has so many times its k. */
  readonly alsRankTimes: number;
}

/** Whether that is plain ALS. */
export function isPlainAls({ alsUnobservedWeight, alsRankTimes }: OwnAlsSettings): boolean {
  return alsUnobservedWeight === 1 && alsRankTimes === 1;
}

/** The options of that ALS on interactions (users x items). A rank of `auto` is found on these. */
export async function ownAlsOptions(
  options: AlsOptions,
  interactions: SparseMatrix,
  { alsUnobservedWeight, alsRankTimes }: OwnAlsSettings,
  context: Parameters<typeof rankFor>[2],
): Promise<AlsOptions> {
  const weighed = timesUnobserved(options, interactions, alsUnobservedWeight);
  if (alsRankTimes === 1) return weighed;
  return { ...weighed, rank: alsRankTimes * (await rankFor(weighed, interactions, context)) };
}
