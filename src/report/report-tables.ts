/** A report as tables, one per slice and candidate set: what the terminal and the markdown form both print. */
import type {
  Candidates,
  EvaluationReport,
  MetricComparison,
  MetricResult,
  SliceRecord,
} from "../evaluation/report.ts";
import { familyOf } from "../evaluation/summary/metric-words.ts";
import { askersOf } from "./report-words.ts";

export { decimalOf, signedOf } from "../evaluation/decimals.ts";

export interface ReportTable {
  readonly slice: SliceRecord;
  readonly candidates: Candidates;
  /** Whether the figures say what the lists are like, not how right they are: none of them is best. */
  readonly ofLists: boolean;
  /** Users, or query items, averaged. */
  readonly n: number;
  /** What they are. */
  readonly rowsAre: string;
  readonly metrics: readonly string[];
  /** In the order of the results. */
  readonly rows: readonly ReportRow[];
  /** What the comparisons of this table are about, if there are any: the first compared metric. */
  readonly comparing?: { readonly reference: string; readonly metric: string };
}

export interface ReportRow {
  readonly model: string;
  /** One per metric of the table. */
  readonly figures: readonly { readonly result: MetricResult; readonly best: boolean }[];
  /** Reference minus this model. */
  readonly comparison?: MetricComparison;
}

export function reportTables(report: EvaluationReport): ReportTable[] {
  const groups = groupBy(report.results, ({ slice, candidates, metric }) => {
    return `${candidates} ${slice} ${familyOf(report, metric) === "lists"}`;
  });
  return [...groups.values()].map((results) => tableOf(report, results));
}

function tableOf(report: EvaluationReport, results: readonly MetricResult[]): ReportTable {
  const { slice, candidates, n } = results[0];
  const ofLists = familyOf(report, results[0].metric) === "lists";
  const record = report.protocol.slices.find(({ name }) => name === slice);
  const comparisons = report.comparisons.filter((c) => !ofLists && c.slice === slice && c.candidates === candidates);
  const metric = comparisons[0]?.metric;
  const rows = [...groupBy(results, ({ model }) => model)].map(([model, figures]): ReportRow => {
    const comparison = comparisons.find((c) => c.b === model && c.metric === metric);
    return {
      model,
      figures: figures.map((result) => ({ result, best: isBest(report, result, results) })),
      comparison,
    };
  });
  return {
    slice: record ?? { name: slice, minimum: 0, maximum: null, items: 0, targets: 0 },
    candidates,
    ofLists,
    n,
    rowsAre: askersOf(report),
    metrics: rows[0].figures.map(({ result }) => result.metric),
    rows,
    comparing: comparisons.length > 0 ? { reference: comparisons[0].a, metric } : undefined,
  };
}

/** In order of first appearance. */
function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

/** The highest value of its metric, the lowest of an error; where all are 0, and of figures of the lists, there is no best. */
function isBest(report: EvaluationReport, { metric, value }: MetricResult, results: readonly MetricResult[]): boolean {
  const values = results.filter((other) => other.metric === metric).map((other) => other.value);
  switch (familyOf(report, metric)) {
    case "ranks":
      return value > 0 && value === Math.max(...values);
    case "ratings":
      return value === Math.min(...values);
    case "lists":
      return false;
  }
}

/** E.g. "cold: training support 0 (434 items, 3,801 held out), candidates: slice, 3,210 users". */
export function titleOf({ slice, candidates, ofLists, n, rowsAre }: ReportTable): string {
  if (ofLists) return `the lists: ${countOf(n)} lists out of ${countOf(slice.items)} items, candidates: ${candidates}`;
  const size = `${countOf(slice.items)} items, ${countOf(slice.targets)} held out`;
  return `${slice.name}: training support ${rangeOf(slice)} (${size}), candidates: ${candidates}, ${countOf(n)} ${rowsAre}`;
}

function rangeOf({ minimum, maximum }: SliceRecord): string {
  if (maximum === null) return minimum === 0 ? "any" : `${minimum} or more`;
  return minimum === maximum ? String(minimum) : `${minimum} to ${maximum}`;
}

/** The lines above the tables: what was measured, and how. */
export function headingOf(report: EvaluationReport): readonly string[] {
  const { dataset, protocol } = report;
  const { kind, bootstrap, seeds, definitions: _, ...rest } = protocol;
  const details = Object.entries(rest).flatMap(([key, value]) => (isScalar(value) ? [`${key} ${value}`] : []));
  return [
    [dataset, kind, ...details].filter((part) => part !== "").join(", "),
    `95 % intervals by bootstrap over ${askersOf(report)}: ${countOf(bootstrap.resamples)} resamples, seed ${bootstrap.seed}`,
    ...(seeds === undefined ? [] : [`pooled over ${seeds.length} splits, seeds ${seeds.join(", ")}`]),
  ];
}

/** What fits on a heading; lists and records stand in metrics.json. */
function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function countOf(count: number): string {
  return count.toLocaleString("en-US");
}
