/**
 * The mission in one function: ingest, encode once, choose settings, evaluate every protocol, and fit on everything. Settings
 * are chosen on what no protocol asks for, and a protocol's models saw its training side alone. Outputs stand in `config.output` and are written at the end, all of them or none.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { BUNDLE_FILES, bundleContent } from "../bundle/bundle.ts";
import { requireReplaceable } from "../bundle/bundle-store.ts";
import type { BundleUpkeep } from "../bundle/bundle-upkeep.ts";
import { fingerprintOf } from "../bundle/data-fingerprint.ts";
import type { PipelineConfig } from "../config.ts";
import type { Ingested } from "../data/ingest/ingest.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import { encoderDigests } from "../features/feature-space.ts";
import { asksForContent } from "../features/known-content.ts";
import { fitHybrid, type HybridModel } from "../hybrid/hybrid.ts";
import type { HybridSettings } from "../hybrid/settings/hybrid-settings.ts";
import { requireStorable } from "../regressor/regressor-parts.ts";
import type { ReportDocument } from "../report/html/report-document.ts";
import { within } from "../run-context.ts";
import { checkRules } from "./checks/rule-check.ts";
import { axesOf, earlierVectors } from "./continuity.ts";
import { aroundFactors, type FactorsReport, fitFactors, givenAxes, readFactors } from "./inputs/given-factors.ts";
import { prepare } from "./inputs/preparation.ts";
import { type FittedFeatures, featuresFor, type Prepared } from "./measurement/training-features.ts";
import { addingOf } from "./parted-moments.ts";
import { rankingOf } from "./parted-rankings.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { type Measurement, measure, type RunParts } from "./protocol-runs.ts";
import { protocolsWith } from "./protocols/protocol-kinds.ts";
import { type RankedConfig, withRank } from "./rank.ts";
import { provenanceOf } from "./report/provenance.ts";
import { checkReportRequest, reportDocument } from "./report/run-report.ts";
import { type EvaluationResult, resultOf, saveResult } from "./results/evaluation-result.ts";
import { createRunClock, planOf } from "./run-clock.ts";
import { choicesOf, choosingSide } from "./settings-choice.ts";
import { createStages, type Stages } from "./stages.ts";

export interface RunResult extends EvaluationResult {
  /** Absolute. */
  readonly bundleFolder: string;
  /** Whether reports of an earlier run stand beside the bundle: this one measured nothing and left them. */
  readonly earlierReports: boolean;
  /** Id of a cold or little-seen item: the first that a curious reader may look up. */
  readonly exampleItem: string;
  /** What the hybrid's validation chose. */
  readonly settings: HybridSettings;
  readonly sizes: ModelSizes;
  /** What of the factors from elsewhere was used; absent where the pipeline names none. */
  readonly factors?: FactorsReport;
}

/** Lengths of the parts of a served vector, which follow the data where the pipeline leaves them to `auto`. */
export interface ModelSizes {
  readonly rank: number;
  /** 0 without a content channel. */
  readonly channel: number;
}

/** Everything: reports, rejects and the bundle under `config.output`. INVALID_ARGUMENT at once for kinds that a bundle cannot keep. */
export async function runPipeline(written: PipelineConfig, given: PipelineContext): Promise<RunResult> {
  const factors = await factorsOf(written, given);
  const asked = aroundFactors(written, factors);
  const { context, stages } = openRun(asked, given, { evaluates: given.evaluate !== false, saves: true });
  const bundleFolder = resolve(asked.output, "bundle");
  await requireReplaceable(bundleFolder, BUNDLE_FILES);
  requireStorable(asked.regressor, context);
  const earlier = (await earlierVectors(asked.embeddings.alignTo, context)) ?? (factors && givenAxes(factors));
  const prepared = await prepare(asked, context, stages);
  await checkRules(asked, prepared.ingested);
  const config = await stages.time("settings", () => rankedConfig(asked, prepared, context));
  const choices = choicesOf(prepared, config, context, stages);
  const measurement =
    context.evaluate === false
      ? undefined
      : await measured(prepared, config, { choices, keepsFit: false, stages }, context);
  const { ingested } = prepared;
  const { catalog, interactions, userIds } = ingested;
  const [choice] = choices;
  const blocks = await choice.blocks();
  const fittedFeatures = await stages.time("fit", () => featuresFor(prepared, interactions, config.features, blocks));
  const { space, features } = fittedFeatures;
  const { data, collaborative, regressor, embeddings } = config;
  const options = { collaborative, regressor, embeddings };
  const fitting = within("fit", context);
  const settings = await choice.settings();
  const fitted = factors && (await stages.time("fit", () => fitFactors(factors, ingested, collaborative, fitting)));
  const addUp = addingOf(context, { catalog, encoded: prepared.encoded, space });
  const { userAttributes } = ingested;
  const known = { ...fitting, ...(addUp && { addUp }), settings, als: fitted?.als, userAttributes };
  const model = await stages.time("fit", () => fitHybrid(interactions, features, options, known));
  const fit = { on: "all data", model, features: fittedFeatures };
  const document = measurement && (await pageOf(prepared, measurement, fit, config, context, stages));
  const result = resultOf(prepared, features, measurement, document, config.output, stages);
  const manifest = {
    dataset: config.name,
    config: { data, features: config.features, ...options },
    fingerprint: fingerprintOf(ingested),
    encoderDigests: encoderDigests(space),
    metrics: result.reports,
    tailDefault: model.settings.tail,
    ...(config.rules.length > 0 && { rules: config.rules }),
  };
  const axes = await axesOf(model, catalog.ids, earlier);
  const upkeep = upkeepOf(ingested);
  const bundle = { catalog, userIds, interactions, features, space, model, ...axes, manifest, upkeep };
  await stages.time("save", async () => {
    const content = await bundleContent(bundleFolder, bundle);
    await saveResult(config.output, prepared, measurement?.measured ?? [], result, document, [content]);
  });
  return {
    ...result,
    bundleFolder,
    earlierReports: measurement === undefined && existsSync(resolve(config.output, "report.json")),
    exampleItem: catalog.ids[exampleRow(interactions)],
    settings: model.settings,
    sizes: { rank: model.embeddings.rank, channel: model.channel?.axes.columns ?? 0 },
    ...(fitted && { factors: fitted.report }),
  };
}

/** What an update of the bundle will have to know of these data. */
function upkeepOf({ interactions, userAttributes, report }: Ingested): BundleUpkeep {
  const { weightUnit = 1, times, decay } = report.interactions ?? {};
  return {
    weightUnit,
    ...(times && { timeForm: times.form }),
    ...(decay && { decayLatest: decay.latest }),
    fittedPairs: interactions.indices.length,
    updates: [],
    ...(userAttributes && { userAttributes }),
  };
}

/** The protocols alone: reports under `config.output`, no bundle. */
export async function evaluatePipeline(written: PipelineConfig, given: PipelineContext): Promise<EvaluationResult> {
  const asked = aroundFactors(written, await factorsOf(written, given));
  const { context, stages } = openRun(asked, given, { evaluates: true, saves: false });
  const prepared = await prepare(asked, context, stages);
  await checkRules(asked, prepared.ingested);
  const config = await stages.time("settings", () => rankedConfig(asked, prepared, context));
  const choices = choicesOf(prepared, config, context, stages);
  const measurement = await measured(prepared, config, { choices, keepsFit: true, stages }, context);
  const { interactions } = prepared.ingested;
  const features = await featuresFor(prepared, interactions, config.features, await choices[0].blocks());
  const { fit: kept } = measurement;
  const fit = kept ? { on: `the training side of ${kept.protocol}`, ...kept } : { on: "nothing", features };
  const document = await pageOf(prepared, measurement, fit, config, context, stages);
  const result = resultOf(prepared, features.features, measurement, document, config.output, stages);
  await saveResult(config.output, prepared, measurement.measured, result, document);
  return result;
}

function rankedConfig(config: PipelineConfig, prepared: Prepared, context: PipelineContext): Promise<RankedConfig> {
  const besideContent = asksForContent(prepared.ingested.catalog, config.features, prepared);
  return withRank(config, { besideContent }, () => choosingSide(prepared, config, context).train);
}

/** Undefined where the pipeline names none. Errors: those of `readFactors`. */
async function factorsOf({ collaborative: { factors } }: PipelineConfig, { folder }: PipelineContext) {
  return factors && readFactors(factors, folder);
}

/** The stages of the run, and the context whose progress says how far it is. */
function openRun(config: PipelineConfig, context: PipelineContext, does: Parameters<typeof planOf>[2]) {
  const clock = createRunClock(planOf(config, protocolsWith(context), does));
  return { stages: createStages(clock), context: clock.reporting(context) };
}

/** The protocols, once it is known that the page can be made. */
function measured(prepared: Prepared, config: PipelineConfig, parts: RunParts, context: PipelineContext) {
  checkReportRequest(prepared.ingested, config.evaluation);
  return measure(prepared, config, parts, { ...context, rankElsewhere: rankingOf(context) });
}

interface Fit {
  /** In words. */
  readonly on: string;
  readonly model?: HybridModel;
  readonly features: FittedFeatures;
}

function pageOf(
  { ingested }: Prepared,
  { measured, leaks }: Measurement,
  { on, model, features: { space, features } }: Fit,
  config: PipelineConfig,
  context: PipelineContext,
  stages: Stages,
): Promise<ReportDocument> {
  const { name: dataset, evaluation } = config;
  const origin = {
    command: context.command,
    fingerprint: fingerprintOf(ingested),
    encoders: encoderDigests(space),
    model,
  };
  const provenance = provenanceOf(origin, config, protocolsWith(context));
  const record = { dataset, reports: measured.map(({ report }) => report), leaks, provenance };
  const request = { report: evaluation.report, boundaries: evaluation.boundaries, image: config.features.image };
  const fitted = { on, ingested, features, model };
  return stages.time("report", () => reportDocument(fitted, record, request, within("report", context)));
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
