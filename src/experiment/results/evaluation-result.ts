/** What an evaluation came to, for whoever called it, and its files. */
import { resolve } from "node:path";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import { type FolderContent, writeTogether } from "../../data/files/atomic-write.ts";
import type { Ingested } from "../../data/ingest/ingest.ts";
import type { BoundaryRate } from "../../evaluation/boundaries.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { type UnusableInput, unusableInputs } from "../../features/unusable-inputs.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import type { ReportDocument } from "../../report/html/report-document.ts";
import type { Prepared } from "../measurement/training-features.ts";
import type { MeasuredProtocol, Measurement } from "../protocol-runs.ts";
import type { Stages } from "../stages.ts";
import { askersOf } from "./askers.ts";
import { type RankedProtocol, rankMetricsOf } from "./detail-files.ts";
import { outputFiles } from "./outputs.ts";

export interface EvaluationResult {
  readonly ingestReport: Ingested["report"];
  readonly featureReport: {
    readonly blocks: FeatureMatrix["blocks"];
    /** How many items have each block. */
    readonly items: readonly number[];
    readonly unusable: readonly UnusableInput[];
  };
  readonly reports: readonly EvaluationReport[];
  /** What the leak checks found and let through. */
  readonly leaks: readonly LeakFinding[];
  /** How often neighbours cross the declared boundaries. */
  readonly boundaries: readonly BoundaryRate[];
  /** Absolute path of the page; absent where nothing was evaluated. */
  readonly reportPage?: string;
  /** Wall time by stage. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Writes everything under `output`, and `others`, all of them or none. */
export function saveResult(
  output: string,
  { ingested: { userIds, catalog } }: Prepared,
  measured: readonly MeasuredProtocol[],
  { ingestReport, featureReport, reports }: EvaluationResult,
  document: ReportDocument | undefined,
  others: readonly FolderContent[] = [],
): Promise<void> {
  const { unusable } = featureReport;
  const itemIds = catalog.ids;
  const ranked = measured.flatMap(({ protocol, report, ranked: splits }): RankedProtocol[] => {
    const askers = askersOf(protocol.asks, { userIds, itemIds });
    return splits ? [{ kind: protocol.name, metrics: rankMetricsOf(report), splits, askers, itemIds }] : [];
  });
  const files = outputFiles(resolve(output), { ingestReport, unusable, reports, ranked, document });
  return writeTogether([...files, ...others]);
}

/** `measurement` and `document` are absent where nothing was evaluated. */
export function resultOf(
  { ingested, encoded }: Prepared,
  { blocks, presence }: FeatureMatrix,
  measurement: Measurement | undefined,
  document: ReportDocument | undefined,
  output: string,
  { seconds }: Stages,
): EvaluationResult {
  const unusable = unusableInputs(ingested.catalog, encoded.quarantine);
  return {
    ingestReport: ingested.report,
    featureReport: { blocks, items: itemsByBlock(presence), unusable },
    reports: measurement?.measured.map(({ report }) => report) ?? [],
    leaks: measurement?.leaks ?? [],
    boundaries: document?.boundaries ?? [],
    ...(document && { reportPage: resolve(output, "report.html") }),
    seconds,
  };
}

/** The column sums of the presence bits (items x blocks). */
function itemsByBlock({ rows, columns, values }: FeatureMatrix["presence"]): number[] {
  const items = new Array<number>(columns).fill(0);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < columns; block++) items[block] += values[row * columns + block];
  }
  return items;
}
