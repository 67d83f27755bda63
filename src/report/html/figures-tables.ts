/** Every figure of an evaluation in tables: what the plots leave out, and what is read where plots are not. */
import type { EvaluationReport } from "../../evaluation/report.ts";
import { type ReportRow, type ReportTable, reportTables, titleOf } from "../report-tables.ts";
import { aheadText } from "./dot-plot.ts";
import { decimalOf, labelOf } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

export function figuresTables(report: EvaluationReport): Markup {
  const tables = reportTables(report);
  return html`<details><summary>All metrics with intervals (${tables.length} tables)</summary>${tables.map(figuresTable)}</details>`;
}

function figuresTable(table: ReportTable): Markup {
  const { metrics, rows, comparing } = table;
  const title = titleOf(table);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="figures">
<caption>${title}</caption>
<thead><tr><th scope="col">model</th>${metrics.map((metric) => html`<th scope="col" class="number">${labelOf(metric)}</th>`)}${comparing && html`<th scope="col">${comparing.reference}, ${labelOf(comparing.metric)}</th>`}</tr></thead>
<tbody>${rows.map((row) => figuresRow(row, comparing !== undefined))}</tbody></table></div>`;
}

function figuresRow({ model, figures, comparison }: ReportRow, compared: boolean): Markup {
  const cells = figures.map(
    ({ result, best }) =>
      html`<td class="number${best ? " best" : ""}">${decimalOf(result.value)} <small>${result.ci95.map(decimalOf).join("–")}</small></td>`,
  );
  return html`<tr><th scope="row">${model}</th>${cells}${compared && html`<td>${comparison && html`<small>${aheadText(comparison)}</small>`}</td>`}</tr>`;
}
