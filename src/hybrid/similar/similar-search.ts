/**
 * The search for how items are compared. It starts from an even mixture and moves through one number at a time while the figure rises.
 * The models that the family holds are measured too. One of them takes the mixture's place only where it is clearly better, by a
 * one-sided test at 5 % paired by query: a panel is a sample, and a mixture of all parts is what holds on other data.
 */
import type { ComputeBackend } from "../../math/compute/backend.ts";
import type { InnerSplit } from "../settings/inner-split.ts";
import { isClearlyBetter } from "../settings/near-tie.ts";
import type { Figures, PanelFigures } from "../settings/panel.ts";
import { createSimilarMeasure } from "./similar-measure.ts";
import { similarPanel } from "./similar-panel.ts";
import { MIXTURE, partAlone, SIMILAR_PARTS, type SimilarSettings } from "./similar-settings.ts";
import type { SimilarParts } from "./similar-vectors.ts";

export type SimilarTrial = SimilarSettings & Figures;

export interface SimilarChoice {
  readonly similar: SimilarSettings;
  /** What was measured, in order. */
  readonly trials: readonly SimilarTrial[];
}

const WEIGHTS = [0, 0.5, 1, 1.5];

/** The values that each may take, those that matter most first. */
const GRID: readonly (readonly [keyof SimilarSettings, readonly number[]])[] = [
  ["popularity", [0, 0.05, 0.1, 0.2, 0.3]],
  ["prior", WEIGHTS],
  ["content", WEIGHTS],
  ["factors", WEIGHTS],
  ["coOccurrence", WEIGHTS],
  ["fade", [0, 3, 10]],
];

/** The mixture of the parts that are known. */
export function mixtureOf({ parts }: Pick<SimilarParts, "parts">): SimilarSettings {
  const absent = SIMILAR_PARTS.filter((part) => parts[part] === undefined);
  return { ...MIXTURE, ...Object.fromEntries(absent.map((part) => [part, 0])) };
}

/** Chooses on the inner split; the mixture where that split asks nothing of this kind. */
export async function chooseSimilar(
  split: Pick<InnerSplit, "train" | "test" | "panel">,
  parts: SimilarParts,
  sampling: { readonly users: number; readonly seed: number },
  backend: ComputeBackend,
): Promise<SimilarChoice> {
  const start = mixtureOf(parts);
  const panel = similarPanel(split, sampling);
  if (panel === undefined) return { similar: start, trials: [] };
  const measure = await createSimilarMeasure(panel, parts, backend);
  const known = new Map<string, Trial>();
  const at = (settings: SimilarSettings): Trial => {
    const key = GRID.map(([name]) => settings[name]).join(" ");
    const trial = known.get(key) ?? { settings, figures: measure(settings) };
    known.set(key, trial);
    return trial;
  };
  let best = walk(at(start), at);
  for (const part of SIMILAR_PARTS.filter((name) => parts.parts[name] !== undefined)) {
    const rival = at(partAlone(part));
    if (isClearlyBetter(best, rival, panel.newShare)) best = walk(rival, at);
  }
  const trials = [...known.values()].map(({ settings, figures: { known, launched, objective } }) => {
    return { ...settings, known, launched, objective };
  });
  return { similar: best.settings, trials };
}

interface Trial {
  readonly settings: SimilarSettings;
  readonly figures: PanelFigures;
}

/** One number after the other up or down, as long as that is better, until none is. */
function walk(start: Trial, at: (settings: SimilarSettings) => Trial): Trial {
  let best = start;
  for (let before: Trial | undefined; before !== best; ) {
    before = best;
    for (const [name, values] of GRID) best = moveAlong(best, name, values, at);
  }
  return best;
}

function moveAlong(
  start: Trial,
  name: keyof SimilarSettings,
  values: readonly number[],
  at: (settings: SimilarSettings) => Trial,
): Trial {
  let best = start;
  for (const step of [1, -1]) {
    for (let place = values.indexOf(best.settings[name]) + step; place >= 0 && place < values.length; place += step) {
      const moved = { ...best.settings, [name]: values[place] };
      if (SIMILAR_PARTS.every((part) => moved[part] === 0)) break;
      const trial = at(moved);
      if (trial.figures.objective <= best.figures.objective) break;
      best = trial;
    }
    if (best !== start) break;
  }
  return best;
}
