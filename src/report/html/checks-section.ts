/** What was looked for: leaks from the test side into the training side, and neighbours across declared boundaries. */
import type { BoundaryRate } from "../../evaluation/boundaries.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import { percentText } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

const STATES: Readonly<Record<LeakFinding["state"], string>> = {
  clean: "clean",
  warning: "warning",
  stop: "leak",
  allowed: "leak, allowed",
  unchecked: "not checked",
};

export function leaksSection(leaks: readonly LeakFinding[]): Markup {
  const order = ["stop", "allowed", "warning", "clean", "unchecked"];
  const sorted = leaks.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return html`<p>A finding marked leak stops the run unless the pipeline allows it by name (<code>evaluation.allowLeaks</code>).</p>
<ul class="findings">${sorted.map(finding)}</ul>`;
}

function finding({ check, protocol, state, summary, examples }: LeakFinding): Markup {
  return html`<li class="${state}"><span class="state">${STATES[state]}</span><div><b>${check}</b> ${protocol && html`<span class="muted">${protocol}</span>`}<p>${summary[0].toUpperCase()}${summary.slice(1)}.</p>${examples.length > 0 && html`<ul class="examples">${examples.map((example) => html`<li>${example}</li>`)}</ul>`}</div></li>`;
}

/** Nothing where the pipeline declares no boundary. */
export function boundariesSection(rates: readonly BoundaryRate[]): Markup | undefined {
  const [first] = rates;
  if (first === undefined) return undefined;
  return html`<p>Share of an item's ${first.neighbours} nearest neighbours that lie on the other side of a declared boundary; chance is the rate of random neighbours.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Neighbours across boundaries"><table class="figures"><thead><tr><th scope="col">boundary</th><th scope="col">vectors</th><th scope="col" class="number">rate</th><th scope="col" class="number">chance</th><th scope="col" class="number">allowed</th><th scope="col" class="number">items</th><th scope="col">most across</th></tr></thead>
<tbody>${rates.map(boundaryRow)}</tbody></table></div>`;
}

function boundaryRow({ boundary, vectors, rate, chance, maximum, items, examples }: BoundaryRate): Markup {
  const gated = maximum !== null && vectors === "hybrid";
  return html`<tr><th scope="row">${boundary}</th><td>${vectors}</td><td class="number">${rate === null ? "none" : percentText(rate)}</td><td class="number">${percentText(chance)}</td><td class="number">${gated && percentText(maximum)}</td><td class="number">${items}</td><td><small>${examples.join("; ")}</small></td></tr>`;
}
