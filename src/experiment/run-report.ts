/**
 * Gathers what the report shows beside figures, from a fitted hybrid and the data it was fitted on: the data card, the latent
 * map, lists before and after, neighbours across boundaries, and how all of it was made.
 */
import type { PipelineConfig } from "../config.ts";
import type { Catalog } from "../data/catalog.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { Ingested } from "../data/ingest/ingest.ts";
import { type BoundaryRate, boundaryAttribute, boundaryRates, stopAtBoundaries } from "../evaluation/boundaries.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import { pictureAccess } from "../features/blocks/image.ts";
import { contentVectors } from "../hybrid/content-channel.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import type { LeakFinding } from "../leaks/finding.ts";
import { dataCard } from "../report/data-card.ts";
import type { Provenance, ReportDocument } from "../report/html/report-document.ts";
import type { RunContext } from "../run-context.ts";
import { mapOf } from "./report-map.ts";
import { listsOf, namedRows, picturesOf } from "./similar-lists.ts";
import { versions } from "./versions.ts";

export interface Fitted {
  /** In words: "on all data". */
  readonly on: string;
  readonly ingested: Ingested;
  readonly features: FeatureMatrix;
  /** Absent where the hybrid does not take part: the page then has neither map nor lists. */
  readonly model?: HybridModel;
  readonly fingerprint: string;
  readonly encoders: Readonly<Record<string, string>>;
}

export interface RunRecord {
  readonly reports: readonly EvaluationReport[];
  readonly leaks: readonly LeakFinding[];
  /** As typed. */
  readonly command?: string;
}

/** Throws, before any long work, for items and attributes that `evaluation.report` and `boundaries` name and the catalog lacks. */
export function checkReportRequest({ catalog }: Ingested, { evaluation }: PipelineConfig): void {
  if (evaluation.report !== null) namedRows(catalog, evaluation.report);
  for (const boundary of evaluation.boundaries) boundaryAttribute(boundary, catalog);
}

/** `report.json`. Throws BOUNDARY_CROSSED where the pipeline sets a maximum that the hybrid exceeds. */
export async function reportDocument(
  fitted: Fitted,
  { reports, leaks, command }: RunRecord,
  config: PipelineConfig,
  context: RunContext,
): Promise<ReportDocument> {
  const { ingested, features, model } = fitted;
  const { catalog, interactions } = ingested;
  const { report: options, boundaries } = config.evaluation;
  const card = dataCard(interactions, catalog, features);
  const rates = model === undefined ? [] : await ratesOf(boundaries, catalog, features, model);
  stopAtBoundaries(rates);
  const shown = model && options && { model, catalog, support: model.embeddings.support, options };
  const map = shown ? await mapOf(shown, context) : null;
  const lists = shown ? await listsOf(shown) : [];
  const access = pictureAccess(catalog, config.features.image);
  return {
    format: "tailrec-report",
    formatVersion: 1,
    dataset: config.name,
    protocols: reports.map(({ protocol }) => protocol.kind),
    fitted: fitted.on,
    data: card,
    leaks: [...leaks],
    boundaries: rates,
    map,
    lists,
    pictures: await picturesOf(lists, catalog, access),
    provenance: provenanceOf(fitted, command, config),
  };
}

async function ratesOf(
  boundaries: PipelineConfig["evaluation"]["boundaries"],
  catalog: Catalog,
  features: FeatureMatrix,
  { als, embeddings, regressor }: HybridModel,
): Promise<BoundaryRate[]> {
  if (boundaries.length === 0) return [];
  const content = contentVectors(features, regressor.standardisation);
  const vectors = { als: als.itemFactors, content, hybrid: embeddings.vectors };
  const rates: BoundaryRate[] = [];
  for (const boundary of boundaries) rates.push(...(await boundaryRates(boundary, catalog, vectors)));
  return rates;
}

function provenanceOf(
  { model, fingerprint, encoders }: Fitted,
  command: string | undefined,
  { collaborative, evaluation, features }: PipelineConfig,
): Provenance {
  const { coldItems, warmTail, warmUp, report } = evaluation;
  const seeds = {
    als: collaborative.seed,
    bootstrap: evaluation.seed,
    ...(coldItems && { "cold-items": coldItems.seed }),
    ...(warmUp && { "warm-up": warmUp.seed }),
    ...(warmTail && { "warm-tail": warmTail.seed }),
    ...(report && { map: report.seed }),
  };
  const { rank, iterations, unobservedWeight, regularization } = collaborative;
  const blocks = Object.entries(features).flatMap(([block, options]) => (options === null ? [] : [block]));
  const settings = {
    features: blocks.join(", "),
    rank,
    iterations,
    "unobserved weight": unobservedWeight,
    regularization,
    ...(model && {
      "joint rounds": model.settings.rounds,
      "content channel": model.settings.channelWeight,
      "tail dial": model.settings.tail,
    }),
  };
  return { command: command ?? null, versions: versions(), seeds, fingerprint, encoders: { ...encoders }, settings };
}
