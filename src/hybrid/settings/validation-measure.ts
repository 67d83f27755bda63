/** Measures a family of models on the inner split at given settings, users solved against its items: what a search looks at. */
import type { BackendContext } from "../../als/half-sweep.ts";
import { takeInteractions } from "../../data/interactions.ts";
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import { rowRange } from "../../math/matrix.ts";
import type { ServingSettings } from "../defaults.ts";
import type { ModelFamily } from "../model-family.ts";
import { scaleNorms } from "../norms.ts";
import type { InnerSplit } from "./inner-split.ts";
import { coldNdcg, dialTrials, overallNdcg } from "./panel.ts";
import type { DialTrial, WeightTrial } from "./setting-trials.ts";

/** NDCG@10 of hidden items among hidden items, and of held-out interactions over the catalog. */
export type Figures = Omit<WeightTrial, "value">;

/** Which items fill the lists of the warm panel: those with interactions, or the hidden ones too, which shows what they push out. */
export type Competition = "known" | "everything";

export interface Measure {
  figures(settings: ServingSettings, competition?: Competition): Promise<Figures>;
  /** The warm panel at every setting of the dial; that of `settings` does not count. */
  dial(settings: ServingSettings, tails: readonly number[]): Promise<DialTrial[]>;
}

export function measureOn(
  { cold, warm, train }: InnerSplit,
  family: ModelFamily,
  context: Pick<BackendContext, "backend" | "signal">,
): Measure {
  // Both panels in one solve: what its coordinates cost does not depend on the number of users.
  const rows = takeInteractions(train, [...cold.users, ...warm.users]);
  return {
    figures: async (settings, competition = "known") => {
      const { vectors } = await family.items(settings);
      const users = await family.users(rows, vectors, settings);
      const served = scaleNorms(vectors, settings.tail);
      const modelOf = (begin: number, end: number) => [
        { name: "hybrid", ...factorRanker(rowRange(users, begin, end), served, context.backend) },
      ];
      const known = competition === "known" ? warm : { ...warm, candidates: undefined };
      const [coldFigure] = await coldNdcg(cold, modelOf(0, cold.users.length));
      const [warmFigure] = await overallNdcg(known, modelOf(cold.users.length, rows.rows));
      return { cold: coldFigure, warm: warmFigure };
    },
    dial: async (settings, tails) => {
      const { vectors: items } = await family.items(settings);
      const users = await family.users(warm.train, items, settings);
      return dialTrials(warm, { users, items }, tails, context);
    },
  };
}
