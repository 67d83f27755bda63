/** Similar-item lists before and after, for a few tail items: what a shopper would see beside a product that few have met. */
import { html, type Markup } from "./markup.ts";
import type { ListedItem, ReportDocument, SimilarList } from "./report-document.ts";

type Pictures = ReportDocument["pictures"];

/** Nothing without lists. */
export function listsSection({ lists, pictures, fitted }: ReportDocument): Markup | undefined {
  if (lists.length === 0) return undefined;
  return html`<p>Before: the nearest items by behaviour alone. After: by the served vectors, fitted on ${fitted}. The number is the support, <span class="gain">new</span> what behaviour alone did not list.</p>${lists.map((list) => listCard(list, pictures))}`;
}

function listCard({ item, before, after }: SimilarList, pictures: Pictures): Markup {
  const known = new Set(before.map(({ id }) => id));
  return html`<article class="list-card">
<header>${picture(item, pictures)}<div><h3>${item.title || item.id}</h3><p class="muted">${item.id}, ${supportWords(item.support)}</p></div></header>
<div class="sides">
<section><h4>Before <span class="muted">behaviour alone</span></h4>${before.length === 0 ? html`<p class="nothing">Nothing: behaviour has no vector for an item that nobody has met.</p>` : list(before, pictures)}</section>
<section><h4>After <span class="muted">hybrid</span></h4>${list(after, pictures, before.length === 0 ? undefined : known)}</section>
</div>
</article>`;
}

function list(items: readonly ListedItem[], pictures: Pictures, known?: ReadonlySet<string>): Markup {
  return html`<ol class="items">${items.map(
    (item) =>
      html`<li>${picture(item, pictures)}<span class="title">${item.title || item.id}</span><span class="muted support">${item.support}${known && !known.has(item.id) && html` <em>new</em>`}</span></li>`,
  )}</ol>`;
}

function picture({ id }: ListedItem, pictures: Pictures): Markup {
  const source = pictures[id];
  if (source !== undefined) return html`<img src="${source}" alt="" width="48" height="48">`;
  return Object.keys(pictures).length === 0 ? html`` : html`<span class="no-picture" aria-hidden="true"></span>`;
}

function supportWords(support: number): string {
  return support === 0 ? "nobody has met it" : `support ${support}`;
}
