/**
 * The rank that `collaborative.rank: auto` stands for, found once a run: all protocols and the bundle have the same. It is found on the
 * interactions that every protocol leaves to training, as the settings are.
 */
import type { ResolvedAlsOptions } from "../als/als-options.ts";
import { effectiveRank } from "../als/effective-rank.ts";
import type { PipelineConfig } from "../config.ts";
import type { Interactions } from "../data/interactions.ts";

/** A pipeline whose rank is known. */
export type RankedConfig = PipelineConfig & { readonly collaborative: Pick<ResolvedAlsOptions, "rank"> };

/** The factors under the hybrid are as many as a pipeline names; else validation may take more. Content that stands beside the factors makes it lower. */
export async function withRank(
  config: PipelineConfig,
  content: { readonly besideContent: boolean },
  train: () => Interactions,
): Promise<RankedConfig> {
  const { collaborative, embeddings } = config;
  const isNamed = collaborative.rank !== "auto" && embeddings.alsRankTimes === "auto";
  const rank = collaborative.rank === "auto" ? await effectiveRank(train(), content) : collaborative.rank;
  return {
    ...config,
    ...(isNamed && { embeddings: { ...embeddings, alsRankTimes: 1 } }),
    collaborative: { ...collaborative, rank },
  };
}
