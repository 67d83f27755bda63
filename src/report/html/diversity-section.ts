/** What lists are like besides right: how much of the catalog they show, how unequally, how far from the obvious. */
import { partsOf } from "../../evaluation/metrics/metric-kinds.ts";
import type { EvaluationReport, MetricResult } from "../../evaluation/report.ts";
import { familyOf } from "../../evaluation/summary/metric-words.ts";
import { dotPlot } from "./dot-plot.ts";
import { html, type Markup } from "./markup.ts";

/** Whether a metric is about the lists and not about hits. */
export function beyondAccuracy(report: EvaluationReport, metric: string): boolean {
  return familyOf(report, metric) === "lists";
}

/** Nothing where no such metric was measured. */
export function diversitySection(evaluations: readonly EvaluationReport[]): Markup | undefined {
  const groups = evaluations.flatMap((report) => protocolPlots(report) ?? []);
  if (groups.length === 0) return undefined;
  return html`<p>A model can rank well and still show everybody the same few items.</p>${groups}`;
}

function protocolPlots(report: EvaluationReport): Markup | undefined {
  const results = report.results.filter(({ metric, slice }) => beyondAccuracy(report, metric) && slice === "all");
  const metrics = [...new Set(results.map(({ metric }) => metric))];
  if (metrics.length === 0) return undefined;
  const plotOf = (of: string) =>
    metricPlot(
      report,
      results.filter(({ metric }) => metric === of),
    );
  return html`<h3>${report.protocol.kind}</h3><div class="panels">${metrics.map(plotOf)}</div>`;
}

function metricPlot({ protocol, comparisons }: EvaluationReport, results: readonly MetricResult[]): Markup {
  const [{ metric, candidates }] = results;
  return dotPlot({
    title: metric,
    note: protocol.definitions?.[partsOf(metric).kind] ?? "",
    rows: results.filter((result) => result.candidates === candidates).map((result) => ({ result, best: false })),
    reference: comparisons[0]?.a,
    maximum: Math.max(...results.map(({ ci95 }) => ci95[1])),
  });
}
