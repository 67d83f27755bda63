/**
 * The search over all settings of the hybrid on one panel. J decides (panel.ts), by a pattern search; among settings within noise of
 * the best the one that shows more of what is new, with as few rounds of training. J hardly hears how new items stand among themselves, so the content lift is
 * then set by that order alone, and the lift, which does not touch it, once more by J.
 */
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import type { Matrix } from "../../math/matrix.ts";
import type { TrainingContext } from "../joint-training.ts";
import type { ModelFamily } from "../model-family.ts";
import { scaleNorms } from "../norms.ts";
import type { InnerSplit } from "./inner-split.ts";
import { bestTrial, chooseTrial, isNearTie } from "./near-tie.ts";
import { type AskedPanel, asksNobody, measureAll, measureOnPanel, type Panel, type PanelFigures } from "./panel.ts";
import { type Grid, searchGrid } from "./pattern-search.ts";
import { ORDER, type SearchSettings, STARTS } from "./setting-grid.ts";

export interface MeasuredSettings {
  readonly point: SearchSettings;
  readonly figures: PanelFigures;
}

/** NDCG@10 of cold items among themselves, by content lift. */
export interface ContentLiftTrial {
  readonly contentLift: number;
  readonly cold: number;
}

export interface SettingsSearch {
  readonly chosen: SearchSettings;
  /** Every point that was measured, in order. */
  readonly measured: readonly MeasuredSettings[];
  readonly contentLift: readonly ContentLiftTrial[];
}

export interface SettingsMeasures {
  readonly onPanel: (settings: SearchSettings) => Promise<PanelFigures>;
  /** NDCG@10 of cold items among themselves. */
  readonly cold: (settings: SearchSettings) => Promise<number>;
}

/** Moves through the grid; the pattern search measures `trials` points at most, what follows it a few more. */
export async function searchSettings(
  grid: Grid<SearchSettings>,
  trials: number,
  { newShare }: Pick<Panel, "newShare">,
  measures: SettingsMeasures,
): Promise<SettingsSearch> {
  const known = new Map<string, MeasuredSettings>();
  const at = async (point: SearchSettings): Promise<MeasuredSettings> => {
    const key = ORDER.map((name) => point[name]).join(" ");
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    const trial = { point, figures: await measures.onPanel(point) };
    known.set(key, trial);
    return trial;
  };
  const figuresAt = async (point: SearchSettings) => (await at(point)).figures;
  await searchGrid(grid, { starts: STARTS, order: ORDER, trials }, figuresAt);
  const best = bestTrial([...known.values()]);
  await searchGrid(grid, { starts: [best.point], order: ORDER, trials: Math.ceil(trials / 4) }, async (point) => {
    const { figures } = await at(point);
    return { objective: isNearTie(best, { figures }, newShare) ? figures.launched : Number.NEGATIVE_INFINITY };
  });
  const near = await withFewestRounds(chooseTrial([...known.values()], newShare), grid, newShare, at);
  const contentLift: ContentLiftTrial[] = [];
  for (const value of grid.contentLift) {
    contentLift.push({ contentLift: value, cold: await measures.cold({ ...near.point, contentLift: value }) });
  }
  const turned = { ...near.point, contentLift: turnOf(contentLift, near.point.contentLift) };
  const lifted: MeasuredSettings[] = [];
  for (const lift of grid.lift) lifted.push(await at({ ...turned, lift }));
  return { chosen: bestTrial(lifted).point, measured: [...known.values()], contentLift };
}

/** The same settings with the fewest rounds of training that are within noise: a round must be worth its time. */
async function withFewestRounds(
  near: MeasuredSettings,
  grid: Grid<SearchSettings>,
  newShare: number,
  at: (point: SearchSettings) => Promise<MeasuredSettings>,
): Promise<MeasuredSettings> {
  for (const rounds of grid.rounds.filter((fewer) => fewer < near.point.rounds)) {
    const shorter = await at({ ...near.point, rounds });
    if (isNearTie(near, shorter, newShare)) return shorter;
  }
  return near;
}

/** The value with the best figure; that of the search where none is better. */
function turnOf(trials: readonly ContentLiftTrial[], found: number): number {
  const best = trials.reduce((a, b) => (b.cold > a.cold ? b : a));
  return trials.some(({ contentLift, cold }) => contentLift === found && cold === best.cold) ? found : best.contentLift;
}

/** Measures members of a family, as they are served. Users do not depend on the tail dial: those of the last trials are kept. */
export function measuresOf(
  family: ModelFamily,
  { panel, cold }: Pick<InnerSplit, "panel" | "cold">,
  context: TrainingContext,
): SettingsMeasures {
  const solvedFor = ({ train }: AskedPanel) => {
    const solved = new Map<string, Matrix>();
    return async (vectors: Matrix, { tail: _, ...settings }: SearchSettings): Promise<Matrix> => {
      const key = JSON.stringify(settings);
      const users = solved.get(key) ?? (await family.users(train, vectors, { ...settings }));
      solved.set(key, users);
      const [oldest] = solved.keys();
      if (solved.size > USERS_KEPT) solved.delete(oldest);
      return users;
    };
  };
  const [onPanel, onCold] = [solvedFor(panel), solvedFor(cold)];
  const rankerFor = async (settings: SearchSettings, usersOf: typeof onPanel) => {
    const { vectors } = await family.items(settings);
    return factorRanker(await usersOf(vectors, settings), scaleNorms(vectors, settings.tail), context.backend);
  };
  return {
    onPanel: async (settings) => measureOnPanel(panel, await rankerFor(settings, onPanel), context),
    cold: async (settings) => (asksNobody(cold) ? 0 : measureAll(cold, await rankerFor(settings, onCold), context)),
  };
}

const USERS_KEPT = 8;
