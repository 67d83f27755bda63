/** Lines with points and whiskers over a shared axis; a table of the same figures stands behind each plot. */
import type { Axis } from "./figure-scale.ts";
import { html, type Markup } from "./markup.ts";

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly interval?: readonly [low: number, high: number];
  /** Of x. */
  readonly across?: readonly [low: number, high: number];
  readonly tip: string;
}

export interface Line {
  readonly name: string;
  /** A colour of the style sheet: "reference", or "c0" to "c7". */
  readonly colour: string;
  readonly points: readonly LinePoint[];
  /** Marks at the points; a curve of many points goes without. */
  readonly marked: boolean;
}

export interface LinePlot {
  readonly title: string;
  /** What the plot shows, for those who do not see it. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  /** The figures as a table. */
  readonly table?: Markup;
}

const HEIGHT = 220;

export function linePlot(plot: LinePlot): Markup {
  const { title, description, x, y, lines } = plot;
  const grid = y.ticks.map(({ at }) => html`<line class="grid" x1="0" x2="100%" y1="${down(at)}" y2="${down(at)}"/>`);
  return html`<figure class="panel">
<figcaption><b>${title}</b></figcaption>
${lines.length > 1 && legend(lines)}
<div class="chart" style="height:${HEIGHT}px">
<div class="y-axis" aria-hidden="true">${y.ticks.map(({ at, label }) => html`<span style="top:${down(at)}px">${label}</span>`)}</div>
<svg class="lines" role="img" aria-label="${description}" width="100%" height="${HEIGHT}" data-points>${grid}${lines.map((line) => lineMarkup(line, x, y))}</svg>
<div class="x-axis" aria-hidden="true">${x.ticks.map(({ at, label }) => html`<span style="left:${at}%">${label}</span>`)}</div>
</div>
<p class="axis-label muted" aria-hidden="true">${plot.yLabel} by ${plot.xLabel}</p>
${plot.table && html`<details><summary>Figures</summary><div class="scroll" tabindex="0" role="region" aria-label="Figures of ${title}">${plot.table}</div></details>`}
</figure>`;
}

function legend(lines: readonly Line[]): Markup {
  return html`<ul class="legend">${lines.map(({ name, colour }) => html`<li><i class="${colour}"></i>${name}</li>`)}</ul>`;
}

function lineMarkup({ points, colour, marked }: Line, x: Axis, y: Axis): Markup {
  const path = points.map((point) => `${x.place(point.x)},${Number((100 - y.place(point.y)).toFixed(2))}`).join(" ");
  return html`<g class="line ${colour}"><svg width="100%" height="${HEIGHT}" viewBox="0 0 100 100" preserveAspectRatio="none"><polyline points="${path}" vector-effect="non-scaling-stroke"/></svg>${points.map((point) => pointMarkup(point, x, y, marked))}</g>`;
}

function pointMarkup({ x: at, y: value, interval, across, tip }: LinePoint, x: Axis, y: Axis, marked: boolean): Markup {
  const place = x.place(at);
  const whisker =
    interval &&
    html`<line class="whisker" x1="${place}%" x2="${place}%" y1="${down(y.place(interval[0]))}" y2="${down(y.place(interval[1]))}"/>`;
  const level = down(y.place(value));
  const sideways =
    across &&
    html`<line class="whisker" x1="${x.place(across[0])}%" x2="${x.place(across[1])}%" y1="${level}" y2="${level}"/>`;
  return html`${whisker}${sideways}<circle class="${marked ? "mark" : "mark quiet"}" cx="${place}%" cy="${level}" r="${marked ? 3.5 : 3}" data-tip="${tip}"/>`;
}

/** Pixels from the top for a percentage from below. */
function down(percent: number): number {
  return Number((HEIGHT * (1 - percent / 100)).toFixed(1));
}
