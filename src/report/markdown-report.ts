/** The report as markdown tables, with exact intervals: for README files and `report.md`. */

import type { EvaluationReport, MetricResult } from "../evaluation/report.ts";
import { curveTables } from "./curve-tables.ts";
import { explorationTable, ledgerTable } from "./ledger-table.ts";
import {
  decimalOf,
  headingOf,
  type ReportRow,
  type ReportTable,
  reportTables,
  signedOf,
  titleOf,
} from "./report-tables.ts";

/** Every slice and candidate set as a table; the best value of a column is bold. Ends with a newline. */
export function formatMarkdown(report: EvaluationReport): string {
  const heading = headingOf(report).map((line) => `${line}.`);
  const findings = report.words?.findings?.length ? [listOf(report.words.findings)] : [];
  const tables = reportTables(report).map((table) => `**${titleOf(table)}**\n\n${tableOf(table)}`);
  const curves = curveTables(report).map(({ title, header, rows }) => `**${title}**\n\n${markdownTable(header, rows)}`);
  const ledger = ledgerPart(report);
  return `${[heading.join("\n"), ...findings, ...tables, ...ledger, ...curves, ...notesOf(report)].join("\n\n")}\n`;
}

function ledgerPart(report: EvaluationReport): string[] {
  const tables = [ledgerTable(report), explorationTable(report)].filter((table) => table !== undefined);
  return tables.map(({ title, header, rows, note }) => `**${title}**\n\n${markdownTable(header, rows)}\n\n${note}.`);
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** What the figures mean; absent from reports of versions that did not say. */
function notesOf({ protocol: { definitions = {} }, comparisons }: EvaluationReport): string[] {
  const lines = Object.entries(definitions).map(([metric, meaning]) => `- ${metric}: ${meaning}.`);
  const holm = "- p: two-sided, by paired bootstrap; Holm: adjusted for the comparisons of its table.";
  if (comparisons.some(({ adjustedP }) => adjustedP !== undefined)) lines.push(holm);
  if (lines.length === 0) return [];
  return [
    "**Definitions**",
    ["- Ranks begin at 1; ties in score go to the lower row of the catalog.", ...lines].join("\n"),
  ];
}

function tableOf(table: ReportTable): string {
  const { comparing, metrics, rows } = table;
  const ahead = comparing === undefined ? [] : [`${comparing.reference} ahead by (${comparing.metric})`];
  const header = ["model", ...metrics, ...ahead];
  const lines = rows.map((row) => [row.model, ...figuresOf(row), ...(comparing === undefined ? [] : [aheadOf(row)])]);
  return markdownTable(header, lines);
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map(() => "---");
  return [header, rule, ...rows].map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`).join("\n");
}

function figuresOf(row: ReportRow): string[] {
  return row.figures.map(({ result, best }) => {
    const value = decimalOf(result.value);
    return `${best ? `**${value}**` : value} [${result.ci95.map(decimalOf).join(", ")}]${splitsOf(result)}`;
  });
}

/** The range over the splits. */
function splitsOf({ splits }: MetricResult): string {
  if (splits === undefined) return "";
  return `, splits ${decimalOf(Math.min(...splits))} to ${decimalOf(Math.max(...splits))}`;
}

function aheadOf({ comparison }: ReportRow): string {
  if (comparison === undefined) return "";
  const { difference, ci95, p, adjustedP } = comparison;
  const holm = adjustedP === undefined ? "" : ` (Holm ${adjustedP.toFixed(3)})`;
  return `${signedOf(difference)} [${ci95.map(signedOf).join(", ")}], p ${p.toFixed(3)}${holm}`;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
