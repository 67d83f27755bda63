/**
 * One trial: the hybrid fitted and its settings chosen on the inner split, by the figures that chose them. Cheaper levels train
 * shorter, measure fewer users, and the cheapest takes untuned settings: successive halving spends the full price on few.
 */
import type { PipelineConfig } from "../../config.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { ParsedFeatures } from "../../features/feature-options.ts";
import { untunedAls, untunedSettings } from "../../hybrid/defaults.ts";
import type { TrainingContext } from "../../hybrid/joint-training.ts";
import { chooseSettings, chosenTrial } from "../../hybrid/settings/hybrid-settings.ts";
import type { Figures } from "../../hybrid/settings/panel.ts";

/** 0 the cheapest, FULL the pipeline's own settings. */
export type Level = 0 | 1 | 2;

export const FULL: Level = 2;

/** NDCG@10 of known and of launched items in one list on the inner split, and the objective that both make. */
export type TrialFigures = Figures;

/** Share of the iterations and of the measured users by level, and the most joint rounds. */
const LEVELS = [
  { share: 1 / 3, rounds: 0 },
  { share: 2 / 3, rounds: 2 },
  { share: 1, rounds: "auto" },
] as const;

/** The parts of a pipeline that a trial is fitted with. */
export type TrialParts = Pick<PipelineConfig, "features" | "collaborative" | "regressor" | "embeddings">;

export async function runTrial(
  train: Interactions,
  features: FeatureMatrix,
  parts: TrialParts,
  level: Level,
  context: TrainingContext,
): Promise<TrialFigures> {
  const { collaborative, regressor, embeddings } = atLevel(parts, level, features);
  const weighted = { ...features, blocks: weightedBlocks(features, parts.features) };
  const settings = await chooseSettings(train, weighted, { collaborative, regressor, embeddings }, context);
  const { known, launched, objective } = chosenTrial(settings);
  return { known, launched, objective };
}

/** Block weights enter when features are standardised: nothing has to be encoded or projected anew. */
function weightedBlocks({ blocks }: FeatureMatrix, features: ParsedFeatures): FeatureMatrix["blocks"] {
  return blocks.map((block) => {
    const weight = features[block.kind]?.weight ?? "auto";
    return weight === "auto" ? block : { ...block, weight };
  });
}

function atLevel(parts: TrialParts, level: Level, features: FeatureMatrix): TrialParts {
  const { share, rounds } = LEVELS[level];
  const { embeddings } = parts;
  // Factors from elsewhere leave nothing to try: trials fit ALS of their own.
  const { factors: _, ...collaborative } = parts.collaborative;
  const iterations = Math.max(2, Math.round(share * collaborative.iterations));
  const validation = { ...embeddings.validation, users: Math.ceil(share * embeddings.validation.users) };
  const shorter = { ...embeddings, rounds: roundsAtMost(embeddings.rounds, rounds), validation };
  return {
    ...parts,
    collaborative: { ...collaborative, iterations },
    embeddings: level === 0 ? withoutChoices(shorter, features) : shorter,
  };
}

/** The rounds of the options where the level does not bound them. */
function roundsAtMost(rounds: number | "auto", most: number | "auto"): number | "auto" {
  if (most === "auto") return rounds;
  return rounds === "auto" ? most : Math.min(rounds, most);
}

/** Nothing is left to validation: every setting that is `auto` takes its untuned value. */
function withoutChoices(
  embeddings: PipelineConfig["embeddings"],
  features: FeatureMatrix,
): PipelineConfig["embeddings"] {
  const { channelWeight, ...settings } = untunedSettings(embeddings, features);
  const channel = embeddings.channel && { ...embeddings.channel, weight: channelWeight };
  return { ...embeddings, ...settings, ...untunedAls(embeddings), channel, tailCandidates: [settings.tail] };
}
