/** How the page came about, so that it can be made again: command, versions, seeds, digests, and what every word of it means. */
import type { EvaluationReport } from "../../evaluation/report.ts";
import { wordsOf } from "../report-words.ts";
import { html, type Markup } from "./markup.ts";
import type { Provenance } from "./report-document.ts";

/** Every metric and model that some evaluation reports, by the words that the evaluations carry. */
export function definitionsSection(evaluations: readonly EvaluationReport[]): Markup {
  const definitions = evaluations.flatMap(({ protocol }) => Object.entries(protocol.definitions ?? {}));
  const models = evaluations.flatMap((report) => Object.entries(wordsOf(report).models ?? {}));
  return html`<dl class="definitions">${[...new Map([...definitions, ...models, ...WORDS])].map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>`;
}

const WORDS: readonly (readonly [string, string])[] = [
  [
    "Complete ranking",
    "every item that the user has not in training competes; no candidate is sampled. Of equal scores the earlier catalog row ranks first.",
  ],
  ["Support", "training interactions of an item; cold: none. Slices are ranges of support."],
  [
    "Candidates",
    "catalog: all items compete; slice: only those of the slice, which takes popularity out of the comparison.",
  ],
  [
    "95 % interval",
    "percentiles of bootstrap resamples of the users; differences are paired: both models see the same resamples.",
  ],
];

export function provenanceSection({ command, versions, seeds, fingerprint, encoders, settings }: Provenance): Markup {
  return html`${command !== null && html`<pre tabindex="0"><code>${command}</code></pre>`}
<div class="panels">
${pairs("Versions", versions)}
${pairs("Seeds", seeds)}
${pairs("Settings", settings)}
${pairs("Data and encoders (sha256)", { data: fingerprint, ...encoders })}
</div>`;
}

function pairs(title: string, values: Readonly<Record<string, string | number | boolean | null>>): Markup | false {
  const entries = Object.entries(values);
  if (entries.length === 0) return false;
  return html`<table class="pairs"><caption>${title}</caption><tbody>${entries.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value === null ? "none" : String(value)}</td></tr>`)}</tbody></table>`;
}
