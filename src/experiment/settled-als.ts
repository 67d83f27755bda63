/**
 * What `auto` stands for in the collaborative stage, found once a run: all protocols and the bundle have the same rank and the same
 * weight of unobserved pairs. Both are found on the interactions that every protocol leaves to training, as the settings are.
 */
import type { ResolvedAlsOptions } from "../als/als-options.ts";
import { effectiveRank } from "../als/effective-rank.ts";
import { withUnobservedWeight } from "../als/unobserved-weight.ts";
import type { PipelineConfig } from "../config.ts";
import type { Interactions } from "../data/interactions.ts";

/** A pipeline whose collaborative stage is known. */
export type SettledConfig = PipelineConfig & {
  readonly collaborative: Pick<ResolvedAlsOptions, "rank" | "unobservedWeight">;
};

export async function withSettledAls(config: PipelineConfig, train: () => Interactions): Promise<SettledConfig> {
  const { collaborative } = config;
  const rank = collaborative.rank === "auto" ? await effectiveRank(train()) : collaborative.rank;
  const { unobservedWeight } = collaborative;
  if (unobservedWeight !== "auto") return { ...config, collaborative: { ...collaborative, rank, unobservedWeight } };
  return { ...config, collaborative: withUnobservedWeight({ ...collaborative, rank }, train()) };
}
