/** The data card: what the data are like before any model. */
import { logAxis } from "./figure-scale.ts";
import { countText, percentText } from "./figures.ts";
import { linePlot } from "./line-plot.ts";
import { html, type Markup } from "./markup.ts";
import type { DataCard } from "./report-document.ts";

export function dataSection(data: DataCard): Markup {
  return html`<p class="lead">${opening(data)}</p>
<dl class="tiles">${tiles(data).map(([name, value, note]) => html`<div><dt>${name}</dt><dd>${value}</dd><dd class="muted">${note}</dd></div>`)}</dl>
<div class="panels">${popularityPlot(data)}${rangesTable(data)}</div>
${likenessTable(data)}${contentsTable(data)}`;
}

function opening({ ranges, items, topTenthShare }: DataCard): string {
  const seldom = ranges.slice(0, 3).reduce((sum, range) => sum + range.items, 0);
  return `${percentText(seldom / Math.max(items, 1))} of the items have ten interactions or fewer; the most popular tenth of the items holds ${percentText(topTenthShare)} of all interactions.`;
}

function tiles(data: DataCard): [string, string, string][] {
  return [
    ["Users", countText(data.users), `median ${countText(data.medianUserInteractions)} interactions`],
    ["Items", countText(data.items), `median ${countText(data.medianItemSupport)} interactions`],
    ["Interactions", countText(data.interactions), "user-item pairs"],
    ["Sparsity", percentText(1 - data.density), `${percentText(data.density)} of all pairs observed`],
  ];
}

function popularityPlot({ popularity, items }: DataCard): Markup {
  const [most] = popularity;
  const points = popularity.map(({ place, support }) => ({
    x: place,
    y: support,
    tip: `place ${countText(place)} of ${countText(items)}: ${countText(support)} interactions`,
  }));
  return linePlot({
    title: "Popularity curve",
    description: `Interactions of the items in order of popularity, from ${most?.support ?? 0} down to ${popularity.at(-1)?.support ?? 0}`,
    x: logAxis(items),
    y: logAxis(most?.support ?? 1),
    xLabel: "place in the order of popularity; both logarithmic",
    yLabel: "Interactions",
    lines: [{ name: "items", colour: "reference", points, marked: false }],
  });
}

function rangesTable({ ranges, items, interactions }: DataCard): Markup {
  const row = ({ name, ...range }: DataCard["ranges"][number]) =>
    html`<tr><th scope="row">${name}</th>${bar(range.items, items, "other")}${bar(range.interactions, interactions, "reference")}</tr>`;
  return html`<figure class="panel">
<figcaption><b>Items by support</b> <span class="muted">support: interactions of an item; cold: none</span></figcaption>
<table class="bars"><thead><tr><th scope="col">Support</th><th scope="col">Share of items</th><th scope="col">Share of interactions</th></tr></thead>
<tbody>${ranges.map(row)}</tbody></table>
</figure>`;
}

function bar(part: number, whole: number, colour: string): Markup {
  const share = whole === 0 ? 0 : part / whole;
  return html`<td><span class="bar ${colour}" style="--share:${(100 * share).toFixed(1)}%"></span><span class="bar-text">${percentText(share)} <span class="muted">${countText(part)}</span></span></td>`;
}

function likenessTable({ likeness }: DataCard): Markup | false {
  if (likeness.length === 0) return false;
  const row = ({ name, share }: DataCard["likeness"][number]) =>
    html`<tr><th scope="row">${name}</th><td><span class="bar other" style="--share:${(100 * share).toFixed(1)}%"></span><span class="bar-text">${percentText(share)}</span></td></tr>`;
  return html`<details><summary>What the vectors rest on</summary>
<table class="bars wide"><thead><tr><th scope="col">Content</th><th scope="col">Part in the likeness of two items</th></tr></thead><tbody>${likeness.map(row)}</tbody></table></details>`;
}

function contentsTable({ contents, items }: DataCard): Markup | false {
  if (contents.length === 0) return false;
  const row = ({ name, items: having, dimensions }: DataCard["contents"][number]) =>
    html`<tr><th scope="row">${name}</th>${bar(having, items, "other")}<td class="number">${dimensions > 0 && countText(dimensions)}</td></tr>`;
  return html`<details><summary>What the items bring</summary>
<table class="bars wide"><thead><tr><th scope="col">Content</th><th scope="col">Items that have it</th><th scope="col" class="number">Dimensions</th></tr></thead><tbody>${contents.map(row)}</tbody></table></details>`;
}
