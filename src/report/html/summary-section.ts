/** The first screen: for each protocol the figure that matters most, who is the strongest rival, and whether the lead is beyond noise. */

import {
  type EvaluationReport,
  excludesZero,
  type MetricComparison,
  type MetricResult,
  type Place,
} from "../../evaluation/report.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import { wordsOf } from "../report-words.ts";
import { decimalOf, labelOf, signedOf } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import type { ReportData } from "./report-data.ts";

export function summarySection({ evaluations, document }: ReportData): Markup {
  return html`<div class="tiles verdicts">${evaluations.map(verdict)}${document && leakVerdict(document.leaks)}</div>`;
}

function leakVerdict(leaks: readonly LeakFinding[]): Markup {
  const of = (...states: readonly LeakFinding["state"][]) => leaks.filter(({ state }) => states.includes(state));
  const found = of("allowed", "stop", "warning");
  const names = [...new Set(found.map(({ check }) => check))].join(", ");
  return html`<div><dl><dt>Leak checks</dt>
<dd><b class="value">${of("clean").length}</b> <span class="muted">clean of ${leaks.length - of("unchecked").length}</span></dd>
<dd>${found.length === 0 ? html`<span class="gain">nothing found</span>` : html`<a href="#leaks">look at ${names}</a>`}</dd></dl></div>`;
}

function verdict(report: EvaluationReport): Markup | undefined {
  const [first] = report.results;
  if (first === undefined) return undefined;
  const { title, headline } = wordsOf(report);
  const chosen = placed(report, headline);
  const results = chosen.length > 0 ? chosen : placed(report, first);
  const reference = report.comparisons[0]?.a ?? best(results).model;
  const own = results.find(({ model }) => model === reference) ?? best(results);
  const rival = best(results.filter(({ model }) => model !== own.model && model !== "placebo"));
  return html`<div><dl><dt>${title}: ${figureTitle(own)}</dt>
<dd><b class="value">${decimalOf(own.value)}</b> <span class="muted">${own.model}, ${own.ci95.map(decimalOf).join(" to ")}</span></dd>
<dd>${rival && rivalText(report, own, rival)}</dd></dl></div>`;
}

function placed({ results }: EvaluationReport, { slice, candidates }: Place): MetricResult[] {
  const metric = results[0].metric;
  return results.filter(
    (result) => result.metric === metric && result.slice === slice && result.candidates === candidates,
  );
}

function best(results: readonly MetricResult[]): MetricResult {
  return results.reduce((leader, result) => (result.value > leader.value ? result : leader), results[0]);
}

function figureTitle({ metric, slice, candidates }: MetricResult): string {
  const among = candidates === "slice" ? `among ${slice} items` : "whole catalog";
  return `${labelOf(metric)}, ${among}`;
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
