/**
 * The report as aligned text. A figure is followed by half the width of its interval as long as the line has room (the
 * exact interval is in metrics.json and in the markdown form); where it has not, the last metrics lose theirs first.
 */
import { type EvaluationReport, excludesZero } from "../evaluation/report.ts";
import { explorationTable, type LedgerTable, ledgerTable } from "./ledger-table.ts";
import {
  decimalOf,
  headingOf,
  type ReportRow,
  type ReportTable,
  reportTables,
  signedOf,
  titleOf,
} from "./report-tables.ts";

export interface FormatOptions {
  /** ANSI bold and dim; false by default. The caller decides (NO_COLOR, not a terminal). */
  readonly color?: boolean;
  /** Columns of the terminal, 100 by default. */
  readonly width?: number;
}

const LEGEND = [
  "*   best of its column",
  "±   half the width of the 95 % interval",
  "ns  the 95 % interval of the difference includes 0",
];

/** Every slice and candidate set as a table, without a trailing newline. */
export function formatReport(report: EvaluationReport, options: FormatOptions = {}): string {
  const { color = false, width = 100 } = options;
  const paint: Paint = color ? (text, style) => `\x1b[${style}m${text}\x1b[22m` : (text) => text;
  const tables = reportTables(report).map((table) => {
    const lines = linesOf(columnsThatFit(table, width), paint);
    return [paint(titleOf(table), BOLD), ...lines].join("\n");
  });
  const findings = report.words?.findings?.length ? [report.words.findings.join("\n")] : [];
  const ledger = ledgerBlock(report, width, paint);
  return [headingOf(report).join("\n"), ...findings, ...tables, LEGEND.join("\n"), ...ledger].join("\n\n");
}

/** The table of rules; where it does not fit, without the costs of slices. */
function ledgerBlock(report: EvaluationReport, width: number, paint: Paint): string[] {
  const tables = [ledgerTable(report), explorationTable(report)].filter((table) => table !== undefined);
  return tables.map((table) => tableBlock(table, width, paint));
}

function tableBlock(table: LedgerTable, width: number, paint: Paint): string {
  const all = table.header.map((name, c): Column => [{ text: name }, ...table.rows.map((row) => ({ text: row[c] }))]);
  const columns = widthOf(all) <= width ? all : all.filter((_, c) => !table.header[c].startsWith("cost, "));
  return [paint(table.title, BOLD), ...linesOf(columns, paint), paint(table.note, DIM)].join("\n");
}

type Style = 1 | 2;
type Paint = (text: string, style: Style) => string;
const BOLD: Style = 1;
const DIM: Style = 2;

interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** A header cell, then one cell a row. */
type Column = readonly Cell[];

/** The table with as many intervals as fit; where not even the bare figures do, it goes without the comparison. */
function columnsThatFit(table: ReportTable, width: number): Column[] {
  for (let intervals = table.metrics.length; intervals >= 0; intervals--) {
    const columns = columnsOf(table, intervals);
    if (widthOf(columns) <= width) return columns;
  }
  return columnsOf({ ...table, comparing: undefined }, 0);
}

function columnsOf(table: ReportTable, intervals: number): Column[] {
  const models = [{ text: "" }, ...table.rows.map(({ model }) => ({ text: model }))];
  const metrics = table.metrics.map((metric, m) => [
    { text: metric },
    ...table.rows.map((row) => figureCell(row, m, m < intervals)),
  ]);
  if (table.comparing === undefined) return [models, ...metrics];
  const ahead = [{ text: `${table.comparing.reference} ahead by` }, ...table.rows.map(comparisonCell)];
  return [models, ...metrics, ahead];
}

function figureCell(row: ReportRow, m: number, withInterval: boolean): Cell {
  const { result, best } = row.figures[m];
  const mark = best ? "*" : " ";
  const spread = withInterval ? ` ±${decimalOf(halfWidth(result.ci95))}` : "";
  return { text: `${decimalOf(result.value)}${mark}${spread}`, style: best ? BOLD : undefined };
}

function comparisonCell({ comparison }: ReportRow): Cell {
  if (comparison === undefined) return { text: "" };
  const text = `${signedOf(comparison.difference)} ±${decimalOf(halfWidth(comparison.ci95))}`;
  return excludesZero(comparison) ? { text } : { text: `${text} ns`, style: DIM };
}

function halfWidth([low, high]: readonly [number, number]): number {
  return (high - low) / 2;
}

const GAP = "  ";

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + columnWidth(column), GAP.length * (columns.length - 1));
}

function columnWidth(column: Column): number {
  return Math.max(...column.map(({ text }) => text.length));
}

function linesOf(columns: readonly Column[], paint: Paint): string[] {
  const widths = columns.map(columnWidth);
  return columns[0].map((_, line) =>
    columns
      .map((column, c) => paintCell(column[line], widths[c], paint))
      .join(GAP)
      .trimEnd(),
  );
}

function paintCell({ text, style }: Cell, width: number, paint: Paint): string {
  return (style === undefined ? text : paint(text, style)) + " ".repeat(width - text.length);
}
