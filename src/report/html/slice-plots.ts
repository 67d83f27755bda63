/** The figures of a protocol slice by slice: a dot plot for each candidate set. */
import type { Candidates, EvaluationReport, SliceRecord } from "../../evaluation/report.ts";
import { type ReportTable, reportTables } from "../report-tables.ts";
import { askersOf } from "../report-words.ts";
import { beyondAccuracy } from "./diversity-section.ts";
import { type DotRow, dotPlot } from "./dot-plot.ts";
import { countText, labelOf, supportText } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

interface Panel {
  readonly slice: SliceRecord;
  readonly candidates: Candidates;
  readonly users: number;
  readonly rows: readonly DotRow[];
  readonly reference?: string;
}

export function slicePlots(report: EvaluationReport): Markup {
  const panels = panelsOf(report);
  const metric = labelOf(report.results[0]?.metric ?? "");
  const askers = askersOf(report);
  return html`<p>${metric}, mean over the ${askers}; the line is the 95 % interval.${panels.some(({ reference }) => reference) && aheadNote(panels, askers)}</p>
${panels.some(({ candidates }) => candidates === "slice") ? switchable(report.protocol.kind, panels, metric, askers) : group(panels, metric, askers)}`;
}

function aheadNote(panels: readonly Panel[], askers: string): Markup {
  const name = panels.find(({ reference }) => reference !== undefined)?.reference;
  return html` “${name} ahead” is the paired difference over the same ${askers}: <span class="gain">above</span> and <span class="loss">below</span> where its interval excludes 0, <span class="unclear">faint</span> where it does not.`;
}

/** Two radio buttons and no script: the style sheet shows the chosen group. */
function switchable(kind: string, panels: readonly Panel[], metric: string, askers: string): Markup {
  const option = (value: Candidates, text: string, checked: boolean) =>
    html`<label><input type="radio" name="candidates-${kind}" value="${value}"${checked && html` checked`}> ${text}</label>`;
  const everywhere = panels.filter(({ slice, candidates }) => slice.name === "all" && candidates === "catalog");
  const within = panels.filter(({ candidates }) => candidates === "slice");
  const against = panels.filter(({ slice, candidates }) => candidates === "catalog" && slice.name !== "all");
  return html`<div class="switched">
<fieldset class="switch"><legend>Each slice ranked among</legend>${option("slice", "the items of the slice", true)}${option("catalog", "the whole catalog", false)}</fieldset>
<div class="on-slice">${group([...everywhere, ...within], metric, askers)}</div>
<div class="on-catalog">${group([...everywhere, ...against], metric, askers)}</div>
</div>`;
}

function group(panels: readonly Panel[], metric: string, askers: string): Markup {
  return html`<div class="panels">${panels.map((panel) => panelPlot(panel, metric, askers))}</div>`;
}

function panelPlot({ slice, candidates, users, rows, reference }: Panel, metric: string, askers: string): Markup {
  const among = candidates === "slice" ? `${countText(slice.items)} items` : "whole catalog";
  const support = supportText(slice);
  const title = slice.name === "all" ? "all items" : slice.name;
  const note = [support, among, `${countText(users)} ${askers}`, metric].filter((part) => part !== "").join(", ");
  const maximum = Math.max(...rows.map(({ result }) => result.ci95[1]));
  return dotPlot({ title, note, rows, reference, maximum });
}

function panelsOf(report: EvaluationReport): Panel[] {
  const results = report.results.filter(({ metric }) => !beyondAccuracy(report, metric));
  const tables = reportTables({ ...report, results });
  return tables.filter((table) => !isRepeated(table, tables)).map(panelOf);
}

/** Where every target lies in one slice, "all" says the same again: as in cold-items. */
function isRepeated({ slice, candidates }: ReportTable, tables: readonly ReportTable[]): boolean {
  const twin = (other: ReportTable) =>
    other.slice.name !== "all" && other.candidates === candidates && other.slice.targets === slice.targets;
  return slice.name === "all" && slice.targets > 0 && tables.some(twin);
}

function panelOf({ slice, candidates, n, rows, comparing }: ReportTable): Panel {
  return {
    slice,
    candidates,
    users: n,
    reference: comparing?.reference,
    rows: rows.map(({ figures: [{ result, best }], comparison }) => ({ result, best, comparison })),
  };
}
