/**
 * An evaluation at a glance: per candidate set one row a model, one column a slice, the primary metric in the cells. Half the width
 * of its interval follows where the terminal has room. The best of a column is marked, and an arrow says that the paired interval
 * against the reference excludes 0. All metrics and intervals are in metrics.json.
 */
import { type Candidates, type EvaluationReport, excludesZero, type MetricResult } from "../../evaluation/report.ts";
import { explorationTable, ledgerTable } from "../../report/ledger-table.ts";
import { decimalOf } from "../../report/report-tables.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, displayWidth, formatTable } from "../terminal/table.ts";

const candidateWords: Readonly<Record<Candidates, string>> = {
  slice: "ranked among the items of the slice",
  catalog: "ranked among the whole catalog",
};

/** In a slice that fewer users met, nothing is called clear. */
const FEWEST_USERS = 30;

/** Lines for one report, beginning with an empty one. */
export function evaluationOverview(report: EvaluationReport, style: Style): string[] {
  const metric = report.results[0]?.metric;
  const primary = report.results.filter((result) => result.metric === metric);
  const sets = [...new Set(primary.map(({ candidates }) => candidates))];
  const tables = sets.flatMap((candidates) => [
    "",
    style.bold(`${report.protocol.kind}: ${metric}, ${candidateWords[candidates]}`),
    ...overviewTable(
      report,
      primary.filter((result) => result.candidates === candidates),
      style,
    ),
  ]);
  const findings = report.words?.findings ?? [];
  const reference = report.comparisons[0]?.a;
  const marks = "* best of its column, ± half the width of the 95 % interval";
  const legend = `↓ clearly below ${reference}, ↑ clearly above it: the 95 % interval of the paired difference excludes 0 (${FEWEST_USERS} users or more)`;
  const { sample } = report.protocol;
  return [
    ...tables,
    ...(typeof sample === "string" ? [style.faint(`a sample of ${sample}`)] : []),
    style.faint(marks),
    ...(reference === undefined ? [] : [style.faint(legend)]),
    ...findings,
    ...ledgerLines(report, style),
  ];
}

/** What the rules cost, of all users alone: slices are in the report. */
function ledgerLines(report: EvaluationReport, style: Style): string[] {
  const tables = [ledgerTable(report), explorationTable(report)].filter((table) => table !== undefined);
  return tables.flatMap((table) => {
    const kept = [...table.header.keys()].filter((c) => !table.header[c].startsWith("cost, "));
    const columns = kept.map((c): Column => ({ heading: table.header[c], align: c === 0 ? "left" : "right" }));
    const rows = table.rows.map((row) => kept.map((c) => row[c]));
    return ["", style.bold(table.title), ...formatTable(columns, rows, style), style.faint(table.note)];
  });
}

function overviewTable(report: EvaluationReport, results: readonly MetricResult[], style: Style): string[] {
  const slices = [...new Set(results.map(({ slice }) => slice))];
  const models = [...new Set(results.map(({ model }) => model))];
  const at = (slice: string, model?: string) =>
    results.find((result) => result.slice === slice && (model === undefined || result.model === model));
  const best = new Map(slices.map((slice) => [slice, bestOf(results.filter((result) => result.slice === slice))]));
  const rows = (spread: boolean) =>
    models.map((model) => [model, ...slices.map((slice) => cell(report, at(slice, model), best.get(slice), spread))]);
  const users = ["(users)", ...slices.map((slice) => String(at(slice)?.n ?? ""))];
  const columns = slices.map((slice): Column => ({ heading: slice, align: "right" }));
  const table = (spread: boolean) => formatTable([{ heading: "model" }, ...columns], [...rows(spread), users], style);
  const full = table(true);
  return full.every((line) => displayWidth(line) <= style.width) ? full : table(false);
}

/** Undefined where all are alike: nobody is best. */
function bestOf(results: readonly MetricResult[]): number | undefined {
  const values = results.map(({ value }) => value);
  return new Set(values).size < 2 ? undefined : Math.max(...values);
}

function cell(
  report: EvaluationReport,
  result: MetricResult | undefined,
  best: number | undefined,
  spread: boolean,
): string {
  if (result === undefined) return "";
  const { model, slice, candidates, metric } = result;
  const lead = report.comparisons.find(
    (other) => other.b === model && other.slice === slice && other.candidates === candidates && other.metric === metric,
  );
  const [low, high] = result.ci95;
  const interval = spread ? ` ±${decimalOf((high - low) / 2)}` : "";
  const value = `${result.value === best ? "*" : ""}${decimalOf(result.value)}${interval}`;
  if (lead === undefined || result.n < FEWEST_USERS || !excludesZero(lead)) return value;
  return `${lead.difference > 0 ? "↓" : "↑"} ${value}`;
}
