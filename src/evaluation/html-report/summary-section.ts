/** The first screen: for each protocol the figure that matters most, who is the strongest rival, and whether the lead is beyond noise. */
import type { EvaluationReport, MetricComparison, MetricResult } from "../report.ts";
import { excludesZero } from "../report-tables.ts";
import { decimalOf, metricText, signedOf } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

export function summarySection(evaluations: readonly EvaluationReport[]): Markup {
  return html`<div class="tiles verdicts">${evaluations.map(verdict)}</div>`;
}

function verdict(report: EvaluationReport): Markup | undefined {
  const [first] = report.results;
  if (first === undefined) return undefined;
  const [slice, candidates] = report.protocol.kind === "cold-items" ? ["cold", "slice"] : ["all", "catalog"];
  const chosen = placed(report, slice, candidates);
  const results = chosen.length > 0 ? chosen : placed(report, first.slice, first.candidates);
  const reference = report.comparisons[0]?.a ?? best(results).model;
  const own = results.find(({ model }) => model === reference) ?? best(results);
  const rival = best(results.filter(({ model }) => model !== own.model && model !== "placebo"));
  return html`<div><dl><dt>${titleOf(own)}, ${report.protocol.kind}</dt>
<dd><b class="value">${decimalOf(own.value)}</b> <span class="muted">${own.model}, ${own.ci95.map(decimalOf).join(" to ")}</span></dd>
<dd>${rival && rivalText(report, own, rival)}</dd></dl></div>`;
}

function placed({ results }: EvaluationReport, slice: string, candidates: string): MetricResult[] {
  const metric = results[0].metric;
  return results.filter(
    (result) => result.metric === metric && result.slice === slice && result.candidates === candidates,
  );
}

function best(results: readonly MetricResult[]): MetricResult {
  return results.reduce((leader, result) => (result.value > leader.value ? result : leader), results[0]);
}

function titleOf({ metric, slice, candidates }: MetricResult): string {
  const among = candidates === "slice" ? `among ${slice} items` : "whole catalog";
  return `${metricText(metric)}, ${among}`;
}

function rivalText(report: EvaluationReport, own: MetricResult, rival: MetricResult): Markup {
  const comparison = report.comparisons.find(
    ({ b, slice, candidates, metric }) =>
      b === rival.model && slice === own.slice && candidates === own.candidates && metric === own.metric,
  );
  const strongest = html`strongest other: ${rival.model} ${decimalOf(rival.value)}`;
  return comparison === undefined ? strongest : html`${strongest}; ${leadText(comparison)}`;
}

function leadText(comparison: MetricComparison): Markup {
  const { difference, ci95 } = comparison;
  const figures = `${signedOf(difference)} (${ci95.map(signedOf).join(" to ")})`;
  if (!excludesZero(comparison)) return html`<span class="unclear">${figures}, within noise</span>`;
  return difference > 0
    ? html`<span class="gain">ahead, ${figures}</span>`
    : html`<span class="loss">behind, ${figures}</span>`;
}
