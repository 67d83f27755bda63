/**
 * The search over all settings of the hybrid on one panel. J decides (panel.ts), by a pattern search; among settings within noise of
 * the best the one that shows more of what is new, with as few rounds of training. Options of the user solve are those of ALS unless
 * others are clearly better, and so are those that ALS under the hybrid is trained with (decision 265). J hardly hears how new items
 * stand among themselves, so the lifts are set at the end with that order beside it (decision 190).
 */
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import type { Matrix } from "../../math/matrix.ts";
import { createMatrixRoom } from "../../math/matrix-room.ts";
import type { TrainingContext } from "../joint-training.ts";
import type { ModelFamily } from "../model-family.ts";
import { normScales } from "../norms.ts";
import type { SolvedAgainst } from "../users.ts";
import type { InnerSplit } from "./inner-split.ts";
import { bestTrial, chooseTrial, isClearlyBetter, isNearTie, showsMore } from "./near-tie.ts";
import { type AskedPanel, asksNobody, measureAll, measureOnPanel, type Panel, type PanelFigures } from "./panel.ts";
import { type Grid, nearestOf, searchGrid } from "./pattern-search.ts";
import {
  heldAt,
  ORDER,
  OWN_ALS,
  plainAlsOf,
  type SearchSettings,
  STARTS,
  UNTUNED_POINT,
  USER_SOLVE,
  withinRounds,
} from "./setting-grid.ts";

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
  shares: Pick<Panel, "newShare" | "launchedShare">,
  measures: SettingsMeasures,
): Promise<SettingsSearch> {
  const { newShare } = shares;
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
  const searchOnFrom = (point: SearchSettings) => {
    return searchGrid(
      heldAt(withinRounds(grid), point, OWN_ALS),
      { starts: [point], order: ORDER, trials: Math.ceil(trials / 2) },
      figuresAt,
    );
  };
  const searched = plainAlsOf(withinRounds(grid));
  await searchGrid(heldAt(searched, UNTUNED_POINT, USER_SOLVE), { starts: STARTS, order: ORDER, trials }, figuresAt);
  const plain = bestTrial([...known.values()]);
  const further = { starts: [plain.point], trials: Math.ceil(trials / 3) };
  await searchGrid(searched, { ...further, order: REFINED }, figuresAt);
  const other = await at(otherHill(plain.point, searched));
  if (!isClearlyBetter(other, plain, newShare)) {
    await searchGrid(searched, { ...further, starts: [other.point], order: REFINED }, figuresAt);
  }
  const clear = [...known.values()].filter((trial) => isClearlyBetter(plain, trial, newShare));
  const found = bestTrial([plain, ...clear]);
  const trained = await withOwnAls(found, grid, newShare, at);
  const start = trained === found ? found : bestTrial(await searchOnFrom(trained.point));
  const best = await withMoreRounds(start, grid, newShare, at);
  const settled = heldAt(withinRounds(grid, best.point.rounds), best.point, TRAINED_AND_SOLVED);
  await searchGrid(settled, { ...further, starts: [best.point], order: ORDER }, async (point) => {
    const { figures } = await at(point);
    return { objective: isNearTie(best, { figures }, newShare) ? figures.launched : Number.NEGATIVE_INFINITY };
  });
  const rivals = [...known.values()].filter(({ point }) =>
    TRAINED_AND_SOLVED.every((name) => point[name] === best.point[name]),
  );
  const near = await withFewestRounds(chooseTrial(rivals, newShare), settled, newShare, at);
  const { chosen, contentLift } = await settleLifts(near.point, grid, shares, { at, cold: measures.cold });
  return { chosen, measured: [...known.values()], contentLift };
}

type MeasureAt = (point: SearchSettings) => Promise<MeasuredSettings>;

/**
 * Both lifts together: every content lift, with the lift that was found and its neighbours. New items stand in two places, among known
 * ones and among themselves. So the best pair has the highest J + s NDCG of cold items among themselves, s the share of launched items
 * in the split's truth. At its content lift near-ties of J then go to the lift that shows more of what is new.
 */
async function settleLifts(
  point: SearchSettings,
  grid: Grid<SearchSettings>,
  { newShare, launchedShare }: Pick<Panel, "newShare" | "launchedShare">,
  { at, cold }: { readonly at: MeasureAt; readonly cold: SettingsMeasures["cold"] },
): Promise<Pick<SettingsSearch, "chosen" | "contentLift">> {
  const found = grid.lift.indexOf(point.lift);
  const lifts = grid.lift.slice(Math.max(0, found - 1), found + 2);
  const contentLift: ContentLiftTrial[] = [];
  const turns: { readonly lifted: readonly MeasuredSettings[]; readonly worth: number }[] = [];
  for (const value of grid.contentLift) {
    const turned = { ...point, contentLift: value };
    const lifted: MeasuredSettings[] = [];
    for (const lift of lifts) lifted.push(await at({ ...turned, lift }));
    const best = bestTrial(lifted);
    const ordered = await cold(best.point);
    contentLift.push({ contentLift: value, cold: ordered });
    turns.push({ lifted, worth: best.figures.objective + launchedShare * ordered });
  }
  const { lifted } = turns.reduce((a, b) => (b.worth > a.worth ? b : a));
  return { chosen: chooseTrial(lifted, newShare).point, contentLift };
}

/** What moves with the options of the user solve, since they shift how much content and length count. */
const REFINED = [...USER_SOLVE, "channelWeight", "userNormExponent"] as const;

/** Users who are held by their regularisation, and hardly by what they did not take: where few users took much, a hill of its own (decision 269). */
function otherHill(point: SearchSettings, grid: Grid<SearchSettings>): SearchSettings {
  const userUnobservedWeight = nearestOf(grid.userUnobservedWeight, 0.1);
  const userRegularization = nearestOf(grid.userRegularization, 10);
  return { ...point, userUnobservedWeight, userRegularization };
}

/** What near-ties do not move: each was clearly better, or is that of ALS. */
const TRAINED_AND_SOLVED = [...USER_SOLVE, ...OWN_ALS] as const;

/** ALS with more weight on what nobody took, and with more factors, each as long as it is clearly better: one may make room for the other. */
async function withOwnAls(
  found: MeasuredSettings,
  grid: Grid<SearchSettings>,
  newShare: number,
  at: MeasureAt,
): Promise<MeasuredSettings> {
  let best = found;
  for (;;) {
    const weighed = await withAlsWeight(best, grid, newShare, at);
    const sized = await withMoreFactors(weighed, grid, newShare, at);
    if (sized === weighed) return weighed;
    best = sized;
  }
}

/** The next more factors, and again, as long as each is clearly better. */
function withMoreFactors(
  found: MeasuredSettings,
  grid: Grid<SearchSettings>,
  newShare: number,
  at: MeasureAt,
): Promise<MeasuredSettings> {
  const more = grid.alsRankTimes.filter((times) => times > found.point.alsRankTimes);
  return whileClearlyBetter(found, more, newShare, (point, alsRankTimes) => at({ ...point, alsRankTimes }));
}

/**
 * ALS trained with more weight on what nobody took and less regularisation, as long as each step is clearly better. Users stay regularised
 * as they were, so that the factors alone decide.
 */
function withAlsWeight(
  found: MeasuredSettings,
  grid: Grid<SearchSettings>,
  newShare: number,
  at: MeasureAt,
): Promise<MeasuredSettings> {
  const more = grid.alsUnobservedWeight.filter((weight) => weight > found.point.alsUnobservedWeight);
  return whileClearlyBetter(found, more, newShare, (point, alsUnobservedWeight) => {
    const asBefore = (point.userRegularization * alsUnobservedWeight) / point.alsUnobservedWeight;
    const userRegularization = nearestOf(grid.userRegularization, asBefore);
    return at({ ...point, alsUnobservedWeight, userRegularization });
  });
}

/** One value after the other, from the best so far, until one is not clearly better. */
async function whileClearlyBetter(
  found: MeasuredSettings,
  values: readonly number[],
  newShare: number,
  measureWith: (point: SearchSettings, value: number) => Promise<MeasuredSettings>,
): Promise<MeasuredSettings> {
  let best = found;
  for (const value of values) {
    const next = await measureWith(best.point, value);
    if (!isClearlyBetter(best, next, newShare)) break;
    best = next;
  }
  return best;
}

/** Twice as many rounds as were searched, and again, as long as the last doubling was clearly better; the best of them. */
async function withMoreRounds(
  found: MeasuredSettings,
  grid: Grid<SearchSettings>,
  newShare: number,
  at: (point: SearchSettings) => Promise<MeasuredSettings>,
): Promise<MeasuredSettings> {
  const most = withinRounds(grid).rounds.at(-1);
  const shorter = grid.rounds.filter((rounds) => rounds < found.point.rounds).at(-1);
  if (found.point.rounds !== most || shorter === undefined) return found;
  const tried = [await at({ ...found.point, rounds: shorter }), found];
  for (const rounds of grid.rounds.filter((more) => more > most)) {
    const [before, last] = tried.slice(-2);
    if (!isClearlyBetter(before, last, newShare)) break;
    tried.push(await at({ ...found.point, rounds }));
  }
  return bestTrial(tried);
}

/** The same settings with the fewest rounds of training that are within noise, new items too: a round must be worth its time. */
async function withFewestRounds(
  near: MeasuredSettings,
  grid: Grid<SearchSettings>,
  newShare: number,
  at: MeasureAt,
): Promise<MeasuredSettings> {
  for (const rounds of grid.rounds.filter((fewer) => fewer < near.point.rounds)) {
    const shorter = await at({ ...near.point, rounds });
    if (isNearTie(near, shorter, newShare) && !showsMore(near, shorter)) return shorter;
  }
  return near;
}

/** Measures members of a family, as they are served. Users do not depend on the tail dial: those of the last trials are kept. */
export function measuresOf(
  family: ModelFamily,
  { panel, cold }: Pick<InnerSplit, "panel" | "cold">,
  context: TrainingContext,
): SettingsMeasures {
  const solvedFor = ({ train }: AskedPanel) => {
    const solved = new Map<string, Matrix>();
    let spare: Matrix | undefined;
    return async (items: SolvedAgainst, { tail: _, ...settings }: SearchSettings): Promise<Matrix> => {
      const key = JSON.stringify(settings);
      const known = solved.get(key);
      if (known !== undefined) return known;
      const users = await family.users(train, items, settings, spare);
      spare = undefined;
      solved.set(key, users);
      const [[oldest, vectors]] = solved;
      if (solved.size > USERS_KEPT && solved.delete(oldest)) spare = vectors;
      return users;
    };
  };
  const [onPanel, onCold] = [solvedFor(panel), solvedFor(cold)];
  const room = { queries: createMatrixRoom(), items: createMatrixRoom() };
  const rankerFor = async (settings: SearchSettings, usersOf: typeof onPanel) => {
    const items = await family.items(settings);
    const { vectors } = items;
    return factorRanker(await usersOf(items, settings), vectors, context.backend, normScales(vectors, settings.tail));
  };
  return {
    onPanel: async (settings) => measureOnPanel({ ...panel, room }, await rankerFor(settings, onPanel), context),
    cold: async (settings) => (asksNobody(cold) ? 0 : measureAll(cold, await rankerFor(settings, onCold), context)),
  };
}

const USERS_KEPT = 4;
