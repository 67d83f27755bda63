/**
 * The warm-up protocol: at every level of n the models are fitted anew on training data that hold the first n interactions of the
 * warm-up items, and ranked on the same targets. Features and the hybrid's settings are made once, at the smallest level,
 * whose training data are part of every other's: no level's settings have seen a target.
 */
import type { PipelineConfig } from "../config.ts";
import type { Attribute } from "../data/catalog.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { WarmUpSplit } from "../data/splits/warm-up-split.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { EvaluationInput } from "../evaluation/evaluation-input.ts";
import type { MetricExtensions } from "../evaluation/metrics/metric-kinds.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import { joinWarmUp, type WarmUpLevelReports } from "../evaluation/warm-up.ts";
import type { TrainingContext } from "../hybrid/joint-training.ts";
import { chooseSettings, type HybridSettings } from "../hybrid/settings/hybrid-settings.ts";
import { once } from "../once.ts";
import type { Progress } from "../run-context.ts";
import { fitModels } from "./models/fitted-models.ts";
import { createModelData } from "./models/model-data.ts";
import { type ModelExtensions, modelsWith } from "./models/model-kinds.ts";

type EvaluationConfig = PipelineConfig["evaluation"];

/** What is known of items and users at every level. */
export interface WarmUpSide {
  readonly split: WarmUpSplit;
  /** Of all items, in a space fitted on the items that the smallest level's training data know. */
  readonly features: FeatureMatrix;
  readonly userAttributes?: readonly Attribute[];
}

export interface WarmUpContext extends TrainingContext, ModelExtensions, MetricExtensions {}

export async function measureWarmUp(
  { split, features, userAttributes }: WarmUpSide,
  config: PipelineConfig,
  context: WarmUpContext,
): Promise<{ readonly report: EvaluationReport; readonly settings?: HybridSettings }> {
  const { collaborative, regressor, embeddings } = config;
  const evaluation = evaluationOf(config.evaluation);
  const options = { collaborative, regressor, embeddings };
  const choose = once(() => chooseSettings(split.levels[0].train, features, options, context));
  const known = { features: async () => features, userAttributes, options, seed: evaluation.seed, settings: choose };
  const levels: WarmUpLevelReports[] = [];
  let settings: HybridSettings | undefined;
  for (const { revealed, train } of split.levels) {
    const at = levelContext(revealed, context);
    const fitted = await fitModels(evaluation.models, createModelData({ ...known, train }, at), modelsWith(context));
    settings = fitted.settings;
    const input = { train, test: split.test, contenders: fitted.contenders, dataset: config.name };
    levels.push({ revealed, reports: await measureLevel(input, split, evaluation, at) });
  }
  const description = { ...split.description, unreached: split.unreached, settings };
  return { report: joinWarmUp(levels, description), settings };
}

/** The evaluation part of the pipeline with the models of this protocol. */
function evaluationOf(evaluation: EvaluationConfig): EvaluationConfig {
  const { compare, warmUp } = evaluation;
  const models = warmUp?.models ?? evaluation.models;
  const takesPart = models.some((model) => model === compare.reference);
  return { ...evaluation, models, compare: { ...compare, reference: takesPart ? compare.reference : null } };
}

/** The same targets against every item, and against the warm-up items alone. */
async function measureLevel(
  input: EvaluationInput,
  { items }: WarmUpSplit,
  { metrics, resamples, seed, compare }: EvaluationConfig,
  context: WarmUpContext,
): Promise<WarmUpLevelReports["reports"]> {
  const options = { metrics, resamples, seed, compare };
  const candidateFilter = new Uint8Array(input.train.columns);
  for (const item of items) candidateFilter[item] = 1;
  return {
    catalog: await evaluate({ ...input, slices: [] }, options, context),
    slice: await evaluate({ ...input, slices: [], candidateFilter }, options, context),
  };
}

/** Progress that names the level. */
function levelContext(revealed: number, context: WarmUpContext): WarmUpContext {
  const { onProgress } = context;
  if (onProgress === undefined) return context;
  const show = (progress: Progress) => onProgress({ ...progress, stage: `n=${revealed}, ${progress.stage}` });
  return { ...context, onProgress: show };
}
