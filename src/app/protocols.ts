/** The protocols of a pipeline: each splits the data, passes the leak gate, fits every model on its training side and measures them. */
import type { PipelineConfig } from "../config.ts";
import { type Split, splitColdItems, splitWarmTail } from "../data/split.ts";
import { splitWarmUp, type WarmUpSplit } from "../data/warm-up-split.ts";
import type { HybridModel } from "../embeddings/hybrid.ts";
import type { HybridSettings } from "../embeddings/hybrid-settings.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { LeakFinding } from "../evaluation/leaks/finding.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import { fitContenders } from "./contenders.ts";
import { measureCurves } from "./curves.ts";
import { checkData, checkPlacebo, checkSplit } from "./leak-gate.ts";
import { type PipelineContext, within } from "./pipeline-context.ts";
import { type FittedFeatures, featuresFor, type Prepared } from "./preparation.ts";
import type { Stages } from "./stages.ts";
import { measureWarmUp } from "./warm-up.ts";

export interface Measured {
  readonly report: EvaluationReport;
  readonly settings: HybridSettings;
  /** What the leak gate found and let through. */
  readonly leaks: readonly LeakFinding[];
  /** The hybrid that was measured, and its features; absent where it did not take part, and for protocols of several fits. */
  readonly fitted?: { readonly model: HybridModel; readonly features: FittedFeatures };
}

export interface Measurement {
  readonly measured: readonly Measured[];
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
  const ofData = checkData(prepared.ingested, config);
  const measured: Measured[] = [];
  const run = async (kind: string, split: Split): Promise<void> => {
    const work = () => measureSplit(kind, split, prepared, config, within(kind, context));
    measured.push(await stages.time(kind, work));
  };
  if (coldItems) await run("cold-items", splitColdItems(interactions, coldItems));
  if (warmUp) {
    const { models: _, ...options } = warmUp;
    const work = () => measureWarmUpSplit(splitWarmUp(interactions, options), prepared, config, context);
    measured.push(await stages.time("warm-up", work));
  }
  if (warmTail) await run("warm-tail", splitWarmTail(interactions, warmTail));
  return { measured, leaks: [...ofData, ...measured.flatMap(({ leaks }) => leaks)] };
}

async function measureSplit(
  kind: string,
  split: Split,
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
): Promise<Measured> {
  const { train, test, description } = split;
  const fittedFeatures = await featuresFor(prepared, train, config);
  const { features, fittedOn } = fittedFeatures;
  const leaks = await checkSplit({ kind, split, ...prepared, fittedOn }, config, context);
  const order = description.order === "latest" ? "latest" : "random";
  const fitting = validateLike(order, config);
  const { contenders, settings, baselines, hybrid, itemContent } = await fitContenders(
    { train, features },
    fitting,
    context,
  );
  const protocol = { ...description, kind, settings, baselines };
  const input = { train, test, contenders, itemContent, dataset: config.name, protocol };
  const options = pickEvaluation(config.evaluation);
  const report = await evaluate(input, options, context);
  const tails = config.embeddings.tailCandidates;
  const curves = await measureCurves(kind, input, { ...options, tails }, context);
  const fitted = hybrid && { model: hybrid, features: fittedFeatures };
  return { report: { ...report, curves }, settings, leaks: [...leaks, ...checkPlacebo(report, split, config)], fitted };
}

async function measureWarmUpSplit(
  split: WarmUpSplit,
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
): Promise<Measured> {
  const [{ train }] = split.levels;
  const { features, fittedOn } = await featuresFor(prepared, train, config);
  const side = { kind: "warm-up", split: { ...split, train }, ...prepared, fittedOn };
  const leaks = await checkSplit(side, config, context);
  return {
    ...(await measureWarmUp(split, features, validateLike("random", config), within("warm-up", context))),
    leaks,
  };
}

/**
 * The inner split imitates the outer one: targets that lie anywhere in a user's past say nothing of how fast to forget it, and
 * a validation on the latest would choose against them.
 */
function validateLike(order: "latest" | "random", config: PipelineConfig): PipelineConfig {
  const { embeddings } = config;
  if (embeddings.validation.warm !== "auto") return config;
  return { ...config, embeddings: { ...embeddings, validation: { ...embeddings.validation, warm: order } } };
}

function pickEvaluation({ metrics, listMetrics, tailSupport, resamples, seed, compare }: PipelineConfig["evaluation"]) {
  return { metrics, listMetrics, tailSupport, resamples, seed, compare };
}
