/**
 * A dot-and-whisker plot that is a table: one row a model, the dot its figure, the whisker the 95 % interval, the figures
 * beside them. Read aloud or without style it is still the table.
 */
import { excludesZero, type MetricComparison, type MetricResult } from "../../evaluation/report.ts";
import { figureAxis } from "./figure-scale.ts";
import { decimalOf, signedOf } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

/** In a slice that fewer users met, nothing is called best, ahead or behind. */
const FEWEST_USERS = 30;

export interface DotRow {
  readonly result: MetricResult;
  readonly best: boolean;
  /** Reference minus this row. */
  readonly comparison?: MetricComparison;
}

export interface DotPlot {
  readonly title: string;
  readonly note: string;
  readonly rows: readonly DotRow[];
  /** The model that the comparisons are about. */
  readonly reference?: string;
  /** End of the axis; the plots of one group share it. */
  readonly maximum: number;
}

export function dotPlot({ title, note, rows, reference, maximum }: DotPlot): Markup {
  const axis = figureAxis(maximum);
  const compared = rows.some(({ comparison }) => comparison !== undefined);
  const ticks = axis.ticks.map(({ at, label }) => html`<span style="left:${at}%">${label}</span>`);
  return html`<figure class="panel">
<figcaption><b>${title}</b> <span class="muted">${note}</span></figcaption>
<table class="dots" data-points style="--step:${axis.ticks[1]?.at ?? 100}%">
<thead><tr><th scope="col"><span class="hidden">Model</span></th><td class="axis" aria-hidden="true"><div>${ticks}</div></td><th scope="col" class="number"><span class="hidden">Value</span></th>${compared && html`<th scope="col" class="number ahead">${reference} ahead</th>`}</tr></thead>
<tbody>${rows.map((row) => dotRow(row, axis.place, row.result.model === reference, compared))}</tbody>
</table>
</figure>`;
}

function dotRow(
  { result, best, comparison }: DotRow,
  place: (value: number) => number,
  isReference: boolean,
  compared: boolean,
): Markup {
  const { model, value, ci95 } = result;
  const [low, high] = ci95.map(place);
  const isBest = best && result.n >= FEWEST_USERS;
  const tip = `${model}: ${decimalOf(value)}, 95 % interval ${decimalOf(ci95[0])} to ${decimalOf(ci95[1])}${comparison === undefined ? "" : `; ${aheadText(comparison)}`}`;
  return html`<tr class="${isReference ? "reference" : ""}${isBest ? " best" : ""}"><th scope="row">${model}</th><td class="plot"><svg aria-hidden="true" height="22" width="100%"><line x1="${low}%" x2="${high}%" y1="50%" y2="50%"/><circle cx="${place(value)}%" cy="50%" r="4" data-tip="${tip}"/></svg></td><td class="number">${decimalOf(value)}</td>${compared && aheadCell(comparison, result.n)}</tr>`;
}

function aheadCell(comparison: MetricComparison | undefined, users: number): Markup {
  if (comparison === undefined) return html`<td class="number ahead"></td>`;
  const kind =
    users < FEWEST_USERS || !excludesZero(comparison) ? "unclear" : comparison.difference > 0 ? "gain" : "loss";
  return html`<td class="number ahead ${kind}">${signedOf(comparison.difference)}</td>`;
}

/** "hybrid ahead by +.0120, interval +.0080 to +.0160, p 0.001". */
export function aheadText({ a, difference, ci95, p, adjustedP }: MetricComparison): string {
  const chance = adjustedP === undefined ? `p ${p.toFixed(3)}` : `p ${adjustedP.toFixed(3)} after Holm`;
  return `${a} ahead by ${signedOf(difference)}, interval ${signedOf(ci95[0])} to ${signedOf(ci95[1])}, ${chance}`;
}
