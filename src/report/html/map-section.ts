/**
 * The latent map before and after: the same items by their ALS vectors and by the served ones, coloured by support or by category.
 * The table behind it carries the titles; the script shows a row when its point is pointed at, in both maps at once.
 */
import { countText } from "./figures.ts";
import { SUPPORT_COLOURS, supportColour } from "./line-colours.ts";
import { html, type Markup } from "./markup.ts";
import type { LatentMap } from "./report-document.ts";

type MapItem = LatentMap["items"][number];

/** Side of a map in its own units; the margin keeps whole dots inside. */
const SIDE = 400;
const MARGIN = 10;

export function mapSection(map: LatentMap, fitted: string): Markup {
  const { items, outOf, seed, neighbours, epochs, categories } = map;
  const placed = items.filter(({ before }) => before !== null).length;
  const lost = items.length - placed;
  const missing = lost === 0 ? "" : ` ${countText(lost)} of them nobody has met: behaviour alone cannot place them.`;
  return html`<p>${items.length < outOf ? `${countText(items.length)} of ${countText(outOf)} items, drawn by seed.` : `All ${countText(outOf)} items.`}${missing} Near means alike; the axes and the gaps between clusters mean nothing. Point at an item, or walk with the arrow keys, to see where it is in both maps.</p>
<div class="map-block">
${categories.length > 0 && colourSwitch(map)}
${legends(map)}
<div class="maps">
${mapFigure("Before", "ALS: behaviour alone", items, "before")}
${mapFigure("After", "hybrid: behaviour and content", items, "after")}
</div>
</div>
<p class="facts muted">Models fitted on ${fitted}. UMAP on cosine, ${neighbours} neighbours, ${epochs} epochs, seed ${seed}.</p>
${itemsTable(map)}`;
}

function colourSwitch({ categoryAttribute }: LatentMap): Markup {
  const option = (value: string, text: string, checked: boolean) =>
    html`<label><input type="radio" name="map-colour" value="${value}"${checked && html` checked`}> ${text}</label>`;
  return html`<fieldset class="switch"><legend>Coloured by</legend>${option("support", "support", true)}${option("category", categoryAttribute ?? "category", false)}</fieldset>`;
}

function legends({ categories }: LatentMap): Markup {
  const support = SUPPORT_COLOURS.map(({ name }, place) => html`<li><i class="s${place}"></i>${name}</li>`);
  const names = categories.map((name, place) => html`<li><i class="c${place}"></i>${name}</li>`);
  return html`<ul class="legend by-support">${support}</ul>${names.length > 0 && html`<ul class="legend by-category">${names}<li><i class="other"></i>other</li></ul>`}`;
}

function mapFigure(title: string, note: string, items: readonly MapItem[], side: "before" | "after"): Markup {
  const circles = items.flatMap((item, place) => {
    const at = item[side];
    return at === null ? [] : [circle(item, place, at)];
  });
  const description = `${title}: ${circles.length} items by ${note}. Arrow keys walk from item to item; the table below names them.`;
  return html`<figure><figcaption><b>${title}</b> <span class="muted">${note}</span></figcaption>
<svg class="map" viewBox="0 0 ${SIDE} ${SIDE}" tabindex="0" role="img" aria-label="${description}" data-map>${circles}</svg></figure>`;
}

function circle({ support, category }: MapItem, place: number, [x, y]: readonly [number, number]): Markup {
  const colour = category < 0 ? "other" : `c${category}`;
  return html`<circle class="s${supportColour(support)} ${colour}" cx="${coordinate(x)}" cy="${coordinate(1 - y)}" r="3" data-i="${place}"/>`;
}

function coordinate(share: number): string {
  return (MARGIN + share * (SIDE - 2 * MARGIN)).toFixed(1);
}

function itemsTable({ items, categories, categoryAttribute }: LatentMap): Markup {
  const row = ({ id, title, support, category }: MapItem) =>
    html`<tr><td>${title || id}</td><td>${id}</td><td class="number">${support}</td><td>${categories[category] ?? ""}</td></tr>`;
  return html`<details><summary>The items on the map</summary><div class="scroll tall" tabindex="0" role="region" aria-label="The items on the map"><table class="figures" id="map-items">
<thead><tr><th scope="col">title</th><th scope="col">id</th><th scope="col" class="number">support</th><th scope="col">${categoryAttribute ?? "category"}</th></tr></thead>
<tbody>${items.map(row)}</tbody></table></div></details>`;
}
