/**
 * Gathers what the report shows beside figures, from a fitted hybrid and the data it was fitted on: the data card, the latent
 * map, lists before and after, neighbours across boundaries.
 */
import type { Catalog } from "../../data/catalog.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { Ingested } from "../../data/ingest/ingest.ts";
import {
  type Boundary,
  type BoundaryRate,
  boundaryAttribute,
  boundaryRates,
  stopAtBoundaries,
} from "../../evaluation/boundaries.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { pictureAccess } from "../../features/blocks/image.ts";
import { contentVectors } from "../../hybrid/content-channel.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import { dataCard } from "../../report/data-card.ts";
import type { Provenance, ReportDocument } from "../../report/html/report-document.ts";
import type { ReportOptions } from "../../report/html/report-options.ts";
import type { RunContext } from "../../run-context.ts";
import { mapOf } from "./report-map.ts";
import { listsOf, namedRows, picturesOf } from "./similar-lists.ts";

export interface Fitted {
  /** In words: "on all data". */
  readonly on: string;
  readonly ingested: Ingested;
  readonly features: FeatureMatrix;
  /** Absent where the hybrid does not take part: the page then has neither map nor lists. */
  readonly model?: HybridModel;
}

export interface RunRecord {
  /** Name of the data set. */
  readonly dataset: string;
  readonly reports: readonly EvaluationReport[];
  readonly leaks: readonly LeakFinding[];
  readonly provenance: Provenance;
}

/** What the pipeline wants to be shown. */
export interface ReportRequest {
  readonly report: ReportOptions | null;
  readonly boundaries: readonly Boundary[];
  /** Options of the pictures' block, which say what may be read. */
  readonly image: Parameters<typeof pictureAccess>[1];
}

/** Throws, before any long work, for items and attributes that `evaluation.report` and `boundaries` name and the catalog lacks. */
export function checkReportRequest(
  { catalog }: Ingested,
  { report, boundaries }: Pick<ReportRequest, "report" | "boundaries">,
): void {
  if (report !== null) namedRows(catalog, report);
  for (const boundary of boundaries) boundaryAttribute(boundary, catalog);
}

/** `report.json`. Throws BOUNDARY_CROSSED where the pipeline sets a maximum that the hybrid exceeds. */
export async function reportDocument(
  { on, ingested, features, model }: Fitted,
  { dataset, reports, leaks, provenance }: RunRecord,
  { report: options, boundaries, image }: ReportRequest,
  context: RunContext,
): Promise<ReportDocument> {
  const { catalog, interactions } = ingested;
  const card = dataCard(interactions, catalog, features);
  const rates = model === undefined ? [] : await ratesOf(boundaries, catalog, features, model);
  stopAtBoundaries(rates);
  const shown = model && options && { model, catalog, support: model.embeddings.support, options };
  const map = shown ? await mapOf(shown, context) : null;
  const lists = shown ? await listsOf(shown) : [];
  const access = pictureAccess(catalog, image);
  return {
    format: "tailrec-report",
    formatVersion: 1,
    dataset,
    protocols: reports.map(({ protocol }) => protocol.kind),
    fitted: on,
    data: card,
    leaks: [...leaks],
    boundaries: rates,
    map,
    lists,
    pictures: await picturesOf(lists, catalog, access),
    provenance,
  };
}

async function ratesOf(
  boundaries: readonly Boundary[],
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
