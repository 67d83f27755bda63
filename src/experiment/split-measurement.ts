/** One split measured: the leak gate, features and models of its training side, and how every contender ranks users' and items' targets. */
import type { PipelineConfig } from "../config.ts";
import type { Split } from "../data/splits/split.ts";
import { measureSplit } from "../evaluation/evaluate.ts";
import { listMetricNamed, metricsWith } from "../evaluation/metrics/metric-kinds.ts";
import type { EvaluationOptions } from "../evaluation/options.ts";
import { LIFT_METRICS, similarItemsInput, similarityContenders, similarTruth } from "../evaluation/similar-items.ts";
import type { RankedSplit } from "../evaluation/summary/ranked-split.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import type { HybridSettings } from "../hybrid/settings/hybrid-settings.ts";
import type { LeakFinding } from "../leaks/finding.ts";
import type { CurveInput } from "./curves.ts";
import { checkSplit } from "./leak-gate.ts";
import { fitModels } from "./models/fitted-models.ts";
import { createModelData } from "./models/model-data.ts";
import { modelsWith } from "./models/model-kinds.ts";
import { type PipelineContext, within } from "./pipeline-context.ts";
import { type FittedFeatures, featuresFor, type Prepared } from "./preparation.ts";

/** One split: what was fitted on its training side, and how every contender ranks its targets. */
export interface MeasuredSide {
  readonly settings?: HybridSettings;
  readonly leaks: readonly LeakFinding[];
  /** The hybrid that was measured, and its features; absent where it did not take part. */
  readonly fitted?: { readonly model: HybridModel; readonly features: FittedFeatures };
  readonly input: CurveInput;
  readonly ranked: RankedSplit;
  readonly similar?: RankedSplit;
}

/** Splits have passed no gate yet: LEAK_FOUND before anything is fitted on one that leaks. */
export async function measureSide(
  kind: string,
  split: Split,
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
): Promise<MeasuredSide> {
  const { train, test, description } = split;
  const fittedFeatures = await featuresFor(prepared, train, config);
  const { features, fittedOn } = fittedFeatures;
  const leaks = await checkSplit({ kind, split, ...prepared, fittedOn }, config, context);
  const order = description.order === "random" ? "random" : "latest";
  const fitting = validateLike(kind === "warm-tail" ? order : "random", config);
  const { collaborative, regressor, embeddings, evaluation } = fitting;
  const data = createModelData(
    {
      train,
      features: async () => features,
      userAttributes: prepared.ingested.userAttributes,
      options: { collaborative, regressor, embeddings },
      seed: evaluation.seed,
    },
    context,
  );
  const { contenders, settings, baselines, hybrid } = await fitModels(evaluation.models, data, modelsWith(context));
  const asksContent = evaluation.listMetrics.some(
    (name) => listMetricNamed(name, metricsWith(context)).kind.needsContent,
  );
  const itemContent = asksContent ? await data.content() : undefined;
  const protocol = { ...description, kind, settings, baselines };
  const input = { train, test, contenders, itemContent, dataset: config.name, protocol };
  const ranked = await measureSplit(input, pickEvaluation(config.evaluation), context);
  const fitted = hybrid && { model: hybrid, features: fittedFeatures };
  const { similarItems } = config.evaluation;
  if (similarItems === null || kind !== "warm-tail") return { settings, leaks, fitted, input, ranked };
  const truth = similarTruth(train, test, similarItems);
  const able = similarityContenders(contenders);
  const asked = {
    ...description,
    kind: "similar-items",
    rows: "query items",
    ...similarItems,
    relation: truth.relation,
  };
  const query = { ...similarItemsInput(train, truth, able), itemContent, dataset: config.name, protocol: asked };
  const names = able.map(({ name }) => name);
  const similar = await measureSplit(query, similarOptions(config.evaluation, names), within("similar-items", context));
  return { settings, leaks, fitted, input, ranked, similar };
}

/** The options of the pipeline, with the popularity-corrected forms and a reference that takes part. */
export function similarOptions(evaluation: PipelineConfig["evaluation"], models: readonly string[]): EvaluationOptions {
  const { compare, ...options } = pickEvaluation(evaluation);
  const reference = compare.reference !== null && models.includes(compare.reference) ? compare.reference : null;
  const metrics = [...new Set([...options.metrics, ...LIFT_METRICS])];
  return { ...options, metrics, compare: { ...compare, reference } };
}

/**
 * The inner split imitates the outer one: targets that lie anywhere in a user's past say nothing of how fast to forget it, and
 * a validation on the latest would choose against them.
 */
export function validateLike(order: "latest" | "random", config: PipelineConfig): PipelineConfig {
  const { embeddings } = config;
  if (embeddings.validation.warm !== "auto") return config;
  return { ...config, embeddings: { ...embeddings, validation: { ...embeddings.validation, warm: order } } };
}

/** What `evaluate` takes of the pipeline. */
export function pickEvaluation({
  metrics,
  listMetrics,
  tailSupport,
  resamples,
  seed,
  compare,
}: PipelineConfig["evaluation"]) {
  return { metrics, listMetrics, tailSupport, resamples, seed, compare };
}
