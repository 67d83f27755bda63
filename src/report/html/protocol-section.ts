/** One protocol: what it asks, what its figures say, pictures of them, and all of them in tables. */
import type { EvaluationReport } from "../../evaluation/report.ts";
import { wordsOf } from "../report-words.ts";
import { countText } from "./figures.ts";
import { figuresTables } from "./figures-tables.ts";
import { html, type Markup } from "./markup.ts";
import { ownPlot } from "./own-plot.ts";
import { slicePlots } from "./slice-plots.ts";

export function protocolSection(report: EvaluationReport): Markup {
  const { purpose, findings = [], plots = [], drawsSlices = plots.length === 0 } = wordsOf(report);
  return html`${purpose !== "" && html`<p class="lead">${purpose}</p>`}
${findings.length > 0 && html`<ul>${findings.map((finding) => html`<li>${finding}</li>`)}</ul>`}
${plots.length > 0 && html`<p>Whiskers are 95 % intervals.</p><div class="panels">${plots.map((plot) => ownPlot(report, plot))}</div>`}
${drawsSlices && slicePlots(report)}
${figuresTables(report)}
${factsOf(report)}`;
}

/** "share 0.2, seed 1, train interactions 47,920, ...; 1,000 bootstrap resamples, seed 1". */
function factsOf({ protocol }: EvaluationReport): Markup {
  const { kind: _, bootstrap, ...rest } = protocol;
  const facts = Object.entries(rest).flatMap(([name, value]) =>
    ["string", "number", "boolean"].includes(typeof value) ? [`${spaced(name)} ${valueText(value)}`] : [],
  );
  const draws = `${countText(bootstrap.resamples)} bootstrap resamples, seed ${bootstrap.seed}`;
  return html`<p class="facts muted">${[...facts, draws].join("; ")}.</p>`;
}

/** "trainInteractions" becomes "train interactions". */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueText(value: unknown): string {
  return typeof value === "number" && Number.isInteger(value) ? countText(value) : String(value);
}
