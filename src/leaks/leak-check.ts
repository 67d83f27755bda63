/**
 * A leak check, by what it looks at: the data, a split before anything is fitted on it, or the report of a protocol. A finding has the
 * name of its check; the pipeline allows checks by name.
 */
import type { Catalog } from "../data/catalog.ts";
import type { Interactions } from "../data/interactions.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import type { EncodedCatalog } from "../features/encode-catalog.ts";
import type { ParsedFeatures } from "../features/feature-options.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import type { LeakFinding } from "./finding.ts";
import type { LeakOptions } from "./leak-options.ts";

export interface CheckedData {
  readonly catalog: Catalog;
  readonly interactions: Interactions;
  readonly userIds: readonly string[];
}

export interface CheckedSplit {
  /** Name of the protocol. */
  readonly protocol: string;
  readonly train: Interactions;
  readonly test: Interactions;
  /** How the held-out interactions lie in time: "latest" of each user, "time" after one moment, or any other. */
  readonly order: string;
  /** Items without any training interaction on purpose. */
  readonly coldItems: ArrayLike<number>;
  /** Rows that the feature space is fitted on. */
  readonly fittedOn: readonly number[];
  readonly catalog: Catalog;
  readonly encoded: EncodedCatalog;
  /** Options of the features. */
  readonly features: ParsedFeatures;
}

export interface CheckedReport {
  readonly report: EvaluationReport;
  /** The targets: users x items. */
  readonly test: SparseMatrix;
  /** Models that know nothing of content. */
  readonly levels: readonly string[];
}

export interface DataCheck {
  readonly of: "data";
  readonly name: string;
  readonly check: (data: CheckedData, options: LeakOptions) => LeakFinding;
}

export interface SplitCheck {
  readonly of: "split";
  readonly name: string;
  /** Undefined where a split cannot leak so. */
  readonly check: (
    split: CheckedSplit,
    options: LeakOptions,
    context: RunContext,
  ) => LeakFinding | undefined | Promise<LeakFinding | undefined>;
}

export interface ReportCheck {
  readonly of: "report";
  readonly name: string;
  readonly check: (measured: CheckedReport, options: LeakOptions) => LeakFinding;
}

export type LeakCheck = DataCheck | SplitCheck | ReportCheck;
