/** The protocols of a pipeline: each splits the data, passes the leak gate, fits every model on its training side and measures them. */

import { fitBiasedMf, predictRating } from "../baselines/biased-mf.ts";
import type { PipelineConfig } from "../config.ts";
import type { Interactions } from "../data/interactions.ts";
import { type Split, splitColdItems, splitWarmTail } from "../data/splits/split.ts";
import { splitWarmUp, type WarmUpSplit } from "../data/splits/warm-up-split.ts";
import { evaluateRatings, meanPredictors } from "../evaluation/metrics/ratings.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import { summariseSplits } from "../evaluation/summary/pooled-report.ts";
import type { RankedSplit } from "../evaluation/summary/ranked-split.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import type { HybridSettings } from "../hybrid/settings/hybrid-settings.ts";
import type { LeakFinding } from "../leaks/finding.ts";
import { measureCurves } from "./curves.ts";
import { checkData, checkPlacebo, checkSplit } from "./leak-gate.ts";
import { modelsWith } from "./models/model-kinds.ts";
import { type PipelineContext, within } from "./pipeline-context.ts";
import { type FittedFeatures, featuresFor, type Prepared } from "./preparation.ts";
import { checkReportRequest } from "./run-report.ts";
import { type MeasuredSide, measureSide, pickEvaluation, similarOptions, validateLike } from "./split-measurement.ts";
import type { Stages } from "./stages.ts";
import { measureWarmUp } from "./warm-up.ts";

export interface ProtocolResult {
  readonly report: EvaluationReport;
  /** Absent where no model asked for them. */
  readonly settings?: HybridSettings;
  /** What the leak gate found and let through. */
  readonly leaks: readonly LeakFinding[];
  /** The ranks behind the report, one a split; absent for protocols of several fits. */
  readonly ranked?: readonly RankedSplit[];
  /** The hybrid that was measured, and its features; absent where it did not take part, and for protocols of several fits. */
  readonly fitted?: { readonly model: HybridModel; readonly features: FittedFeatures };
}

export interface Measurement {
  readonly measured: readonly ProtocolResult[];
  /** Of the data, then of each protocol. */
  readonly leaks: readonly LeakFinding[];
}

/** Every protocol of the pipeline, in a fixed order. LEAK_FOUND before anything is fitted on a split that leaks. */
export async function measure(
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
  stages: Stages,
): Promise<Measurement> {
  const { coldItems, warmUp, warmTail } = config.evaluation;
  const { interactions } = prepared.ingested;
  checkReportRequest(prepared.ingested, config);
  const ofData = checkData(prepared.ingested, config);
  const measured: ProtocolResult[] = [];
  const run = async (kind: string, splitBy: (seed: number) => Split, seed: number): Promise<void> => {
    const splits = (config.evaluation.seeds ?? [seed]).map(splitBy);
    const work = () => measureSplits(kind, splits, prepared, config, within(kind, context));
    measured.push(...(await stages.time(kind, work)));
  };
  if (coldItems)
    await run("cold-items", (seed) => splitColdItems(interactions, { ...coldItems, seed }), coldItems.seed);
  if (warmUp) {
    const { models: _, ...options } = warmUp;
    const work = () => measureWarmUpSplit(splitWarmUp(interactions, options), prepared, config, context);
    measured.push(await stages.time("warm-up", work));
  }
  if (warmTail) await run("warm-tail", (seed) => splitWarmTail(interactions, { ...warmTail, seed }), warmTail.seed);
  return { measured, leaks: [...ofData, ...measured.flatMap(({ leaks }) => leaks)] };
}

/** One report over all splits, and one on similar items where they are asked for; curves and the fitted hybrid are the first split's. */
async function measureSplits(
  kind: string,
  splits: readonly Split[],
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
): Promise<ProtocolResult[]> {
  const sides: MeasuredSide[] = [];
  for (const [s, split] of splits.entries()) {
    const at = splits.length === 1 ? context : within(`split ${s + 1} of ${splits.length}`, context);
    sides.push(await measureSide(kind, split, prepared, config, at));
  }
  const [{ settings, fitted, input }] = sides;
  const options = pickEvaluation(config.evaluation);
  const users = sides.map(({ ranked }) => ranked);
  const report = await summariseSplits(users, options, context);
  const tails = config.embeddings.tailCandidates;
  const curves = await measureCurves(kind, input, { ...options, tails }, context);
  const levels = modelsWith(context).flatMap(({ name, knowsContent }) => (knowsContent ? [] : [name]));
  const leaks = [...sides.flatMap((side) => side.leaks), ...checkPlacebo(report, splits[0], levels, config)];
  const main = { report: { ...report, curves }, settings, leaks, fitted, ranked: users };
  const rated =
    kind === "warm-tail" && config.evaluation.ratings
      ? [ratingsOf(splits[0], prepared, sides[0], config, context)]
      : [];
  const items = sides.flatMap(({ similar }) => (similar === undefined ? [] : [similar]));
  if (items.length === 0) return [main, ...rated];
  const ofItems = await summariseSplits(items, similarOptions(config.evaluation, items[0].contenders), context);
  return [main, { report: ofItems, settings, leaks: [], ranked: items }, ...rated];
}

/** RMSE and MAE on the first split, whose weights are ratings: in the unit of the file. */
function ratingsOf(
  { description, ...sides }: Split,
  { ingested }: Prepared,
  { settings }: MeasuredSide,
  config: PipelineConfig,
  context: PipelineContext,
): ProtocolResult {
  const unit = ingested.report.interactions?.weightUnit ?? 1;
  const rated = (side: Interactions): Interactions => ({ ...side, values: side.values.map((value) => unit * value) });
  const [train, test] = [rated(sides.train), rated(sides.test)];
  const model = fitBiasedMf(train, { seed: config.evaluation.seed }, context);
  const predict = (user: number, item: number) => predictRating(model, user, item);
  const predictors = [{ name: "biased-mf", predict }, ...meanPredictors(train)];
  const report = evaluateRatings(
    { train, test, predictors, dataset: config.name, protocol: { ...description } },
    config.evaluation,
  );
  return { report, settings, leaks: [] };
}

async function measureWarmUpSplit(
  split: WarmUpSplit,
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
): Promise<ProtocolResult> {
  const [{ revealed, train }] = split.levels;
  const { features, fittedOn } = await featuresFor(prepared, train, config);
  // Items of which training sees nothing at the smallest level are cold, and may be copies of others like any cold item.
  const coldItems = revealed === 0 ? split.items : undefined;
  const side = { kind: "warm-up", split: { ...split, train, coldItems }, ...prepared, fittedOn };
  const leaks = await checkSplit(side, config, context);
  return {
    ...(await measureWarmUp(
      { split, features, userAttributes: prepared.ingested.userAttributes },
      validateLike("random", config),
      within("warm-up", context),
    )),
    leaks,
  };
}
