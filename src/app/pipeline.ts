/**
 * The mission in one function: ingest, encode once, evaluate every protocol on models that saw its training side alone, fit
 * on everything. Outputs stand beside each other in `config.output` and are written at the end, all of them or none.
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { PipelineConfig } from "../config.ts";
import { requireOutputFolder, writeFilesAtomic } from "../data/atomic-write.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { type Ingested, ingest } from "../data/ingest.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import { type Split, splitColdItems, splitWarmTail } from "../data/split.ts";
import { splitWarmUp, type WarmUpSplit } from "../data/warm-up-split.ts";
import { BUNDLE_FILES, saveBundle } from "../embeddings/bundle.ts";
import { requireReplaceable } from "../embeddings/bundle-store.ts";
import { fitHybrid } from "../embeddings/hybrid.ts";
import type { HybridSettings } from "../embeddings/hybrid-settings.ts";
import { fitScoreAxes } from "../embeddings/score-axes.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import { type EncodedCatalog, encodeCatalog } from "../features/encode-catalog.ts";
import { applyFeatureSpace, encoderDigests, type FeatureSpace, fitFeatureSpace } from "../features/feature-space.ts";
import type { RunContext } from "../run-context.ts";
import { fitContenders } from "./contenders.ts";
import { measureCurves } from "./curves.ts";
import { outputFiles, type UnusableInput, unusableInputs } from "./outputs.ts";
import { measureWarmUp } from "./warm-up.ts";

export interface PipelineContext extends RunContext {
  /** Relative paths of the config start here. */
  readonly folder: string;
  /** Where encoder outputs are kept between runs; not kept when absent. */
  readonly cacheFolder?: string;
  /** Whether the protocols run; true when absent. */
  readonly evaluate?: boolean;
}

export interface EvaluationResult {
  readonly ingestReport: Ingested["report"];
  readonly featureReport: {
    readonly blocks: FeatureMatrix["blocks"];
    readonly unusable: readonly UnusableInput[];
  };
  readonly reports: readonly EvaluationReport[];
  /** Wall time by stage. */
  readonly seconds: Readonly<Record<string, number>>;
}

export interface RunResult extends EvaluationResult {
  /** Absolute. */
  readonly bundleFolder: string;
  /** Id of a cold or little-seen item: the first that a curious reader may look up. */
  readonly exampleItem: string;
  /** What the hybrid's validation chose. */
  readonly settings: HybridSettings;
}

/** Everything: reports, rejects and the bundle under `config.output`. */
export async function runPipeline(config: PipelineConfig, context: PipelineContext): Promise<RunResult> {
  const bundleFolder = resolve(config.output, "bundle");
  await requireReplaceable(bundleFolder, BUNDLE_FILES);
  const stages = createStages();
  const prepared = await prepare(config, context, stages);
  const measured = context.evaluate === false ? [] : await measure(prepared, config, context, stages);
  const { ingested } = prepared;
  const { catalog, interactions, userIds } = ingested;
  const { space, features } = await featuresFor(prepared, interactions, config);
  const { data, collaborative, regressor, embeddings } = config;
  const options = { collaborative, regressor, embeddings };
  // The protocol that asks what comes next for each user, which is what the bundle is for, has chosen already.
  const settings = measured.find(({ report }) => report.protocol.kind === "warm-tail")?.settings;
  const fitting = { ...within("fit", context), settings };
  const model = await stages.time("fit", () => fitHybrid(interactions, features, options, fitting));
  const result = resultOf(prepared, features.blocks, measured, stages);
  const manifest = {
    dataset: config.name,
    config: { data, features: config.features, ...options },
    fingerprint: fingerprintOf(ingested),
    encoderDigests: encoderDigests(space),
    metrics: result.reports,
    tailDefault: model.settings.tail,
  };
  const axes = await fitScoreAxes(model.userVectors, model.embeddings.vectors);
  const bundle = { catalog, userIds, interactions, features, space, model, axes, manifest };
  await stages.time("save", () => save(config, result, () => saveBundle(bundleFolder, bundle)));
  return {
    ...result,
    bundleFolder,
    exampleItem: catalog.ids[exampleRow(interactions)],
    settings: model.settings,
  };
}

/** The protocols alone: reports under `config.output`, no bundle. */
export async function evaluatePipeline(config: PipelineConfig, context: PipelineContext): Promise<EvaluationResult> {
  const stages = createStages();
  const prepared = await prepare(config, context, stages);
  const measured = await measure(prepared, config, context, stages);
  const { features } = await featuresFor(prepared, prepared.ingested.interactions, config);
  const result = resultOf(prepared, features.blocks, measured, stages);
  await save(config, result);
  return result;
}

function save(
  { output }: PipelineConfig,
  { ingestReport, featureReport, reports }: EvaluationResult,
  saveRest?: () => Promise<void>,
): Promise<void> {
  const { unusable } = featureReport;
  return writeFilesAtomic(outputFiles(resolve(output), { ingestReport, unusable, reports }), saveRest);
}

interface Prepared {
  readonly ingested: Ingested;
  readonly encoded: EncodedCatalog;
}

async function prepare(config: PipelineConfig, context: PipelineContext, stages: Stages): Promise<Prepared> {
  await requireOutputFolder(resolve(config.output));
  const ingested = await stages.time("read", () => ingest(config.data, context));
  const encoded = await stages.time("encode", () => encodeCatalog(ingested.catalog, config.features, context));
  return { ingested, encoded };
}

interface Measured {
  readonly report: EvaluationReport;
  readonly settings: HybridSettings;
}

async function measure(
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
  stages: Stages,
): Promise<Measured[]> {
  const { coldItems, warmUp, warmTail } = config.evaluation;
  const { interactions } = prepared.ingested;
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
  return measured;
}

async function measureSplit(
  kind: string,
  { train, test, description }: Split,
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
): Promise<Measured> {
  const { features } = await featuresFor(prepared, train, config);
  const order = description.order === "latest" ? "latest" : "random";
  const fitting = validateLike(order, config);
  const { contenders, settings, itemContent } = await fitContenders({ train, features }, fitting, context);
  const protocol = { ...description, kind, settings };
  const input = { train, test, contenders, itemContent, dataset: config.name, protocol };
  const options = pickEvaluation(config.evaluation);
  const report = await evaluate(input, options, context);
  const tails = config.embeddings.tailCandidates;
  const curves = await measureCurves(kind, input, { ...options, tails }, context);
  return { report: { ...report, curves }, settings };
}

async function measureWarmUpSplit(
  split: WarmUpSplit,
  prepared: Prepared,
  config: PipelineConfig,
  context: PipelineContext,
): Promise<Measured> {
  const { features } = await featuresFor(prepared, split.levels[0].train, config);
  return measureWarmUp(split, features, validateLike("random", config), within("warm-up", context));
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

/** The context whose progress says which part of the run a stage belongs to: "cold-items, als". */
function within(part: string, context: PipelineContext): PipelineContext {
  const { onProgress } = context;
  if (onProgress === undefined) return context;
  return { ...context, onProgress: (progress) => onProgress({ ...progress, stage: `${part}, ${progress.stage}` }) };
}

/** Features of all items in a space fitted on the items that `train` knows. */
async function featuresFor(
  { ingested, encoded }: Prepared,
  train: Interactions,
  config: PipelineConfig,
): Promise<{ readonly space: FeatureSpace; readonly features: FeatureMatrix }> {
  const support = itemSupport(train);
  const warm = Array.from(support.keys()).filter((item) => support[item] > 0);
  const space = await fitFeatureSpace(ingested.catalog, encoded, warm, config.features);
  return { space, features: applyFeatureSpace(space, ingested.catalog, encoded) };
}

function resultOf(
  { ingested, encoded }: Prepared,
  blocks: FeatureMatrix["blocks"],
  measured: readonly Measured[],
  { seconds }: Stages,
): EvaluationResult {
  const unusable = unusableInputs(ingested.catalog, encoded.quarantine);
  const reports = measured.map(({ report }) => report);
  return { ingestReport: ingested.report, featureReport: { blocks, unusable }, reports, seconds };
}

/** sha256 over the item ids and the interactions: same data, same fingerprint. */
function fingerprintOf({ catalog, userIds, interactions }: Ingested): string {
  const { indptr, indices, values } = interactions;
  const hash = createHash("sha256").update(JSON.stringify([catalog.ids, userIds]));
  for (const array of [indptr, indices, values])
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest("hex");
}

/** The least-seen item that somebody has seen. */
function exampleRow(interactions: Interactions): number {
  const support = itemSupport(interactions);
  let best = 0;
  for (const [row, count] of support.entries()) {
    if (count > 0 && (support[best] === 0 || count < support[best])) best = row;
  }
  return best;
}

interface Stages {
  readonly seconds: Record<string, number>;
  time<T>(stage: string, work: () => Promise<T>): Promise<T>;
}

function createStages(): Stages {
  const seconds: Record<string, number> = {};
  const time = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    seconds[stage] = (performance.now() - start) / 1000;
    return result;
  };
  return { seconds, time };
}
