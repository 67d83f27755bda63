/** What a protocol asks, for those who have not read its options, and how this run of it was made. */
import type { EvaluationReport } from "../../evaluation/report.ts";
import { countText } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

const PURPOSES: Readonly<Record<string, string>> = {
  "cold-items":
    "A share of the items loses every interaction. Whoever had met one of them should find it near the top, by content alone.",
  "warm-tail":
    "Some interactions of every user are hidden. The models rank what the user has not seen; slices are by how often the hidden item was met in training.",
  "similar-items": "For an item, the truth is what the same users took next. The models list the items nearest to it.",
  "warm-up":
    "Items with many interactions are given back only the first n of them: what each model makes of an item as it warms up.",
};

/** Over whom figures are averaged. */
export function askersOf({ protocol }: EvaluationReport): string {
  return protocol.kind === "similar-items" ? "query items" : "users";
}

export function purposeOf({ protocol }: EvaluationReport): Markup | false {
  const purpose = PURPOSES[protocol.kind];
  return purpose !== undefined && html`<p class="lead">${purpose}</p>`;
}

/** "share 0.2, seed 1, train interactions 47,920, ...; 1,000 bootstrap resamples, seed 1". */
export function factsOf({ protocol }: EvaluationReport): Markup {
  const { kind: _, bootstrap, ...rest } = protocol;
  const facts = Object.entries(rest).flatMap(([name, value]) =>
    ["string", "number", "boolean"].includes(typeof value) ? [`${wordsOf(name)} ${valueText(value)}`] : [],
  );
  const draws = `${countText(bootstrap.resamples)} bootstrap resamples, seed ${bootstrap.seed}`;
  return html`<p class="facts muted">${[...facts, draws].join("; ")}.</p>`;
}

/** "trainInteractions" becomes "train interactions". */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueText(value: unknown): string {
  return typeof value === "number" && Number.isInteger(value) ? countText(value) : String(value);
}
