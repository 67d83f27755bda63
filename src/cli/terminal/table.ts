/**
 * Aligned columns of plain text that fit the terminal: columns marked `flexible` give way, widest first,
 * and show an ellipsis. Widths count what a terminal shows: wide letters and emoji as two columns, marks as none.
 */
import { plainLine, type Style } from "./style.ts";

export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
  /** May be cut when the table is too wide. */
  readonly flexible?: boolean;
}

const gap = "  ";
const narrowest = 8;
const segmenter = new Intl.Segmenter();
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** Lines of the table, heading first. Cells are made one-line plain text. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string[] {
  const cells = rows.map((row) => row.map(plainLine));
  const widths = fitWidths(columns, cells, style.width);
  const line = (row: readonly string[]) =>
    row
      .map((cell, j) => pad(truncate(cell, widths[j]), widths[j], columns[j].align))
      .join(gap)
      .trimEnd();
  return [style.bold(line(columns.map((column) => column.heading))), ...cells.map(line)];
}

/** Columns on a terminal that the text fills. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** The text cut to `width` columns, its last one an ellipsis when something was cut. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let filled = 0;
  for (const { segment } of segmenter.segment(text)) {
    filled += displayWidth(segment);
    if (filled > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

function fitWidths(columns: readonly Column[], cells: readonly (readonly string[])[], available: number): number[] {
  const widths = columns.map(({ heading }, j) =>
    cells.reduce((widest, row) => Math.max(widest, displayWidth(row[j])), displayWidth(heading)),
  );
  const flexible = columns.flatMap((column, j) => (column.flexible ? [j] : []));
  let excess = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1)) - available;
  while (excess > 0) {
    const widest = flexible.reduce((best, j) => (widths[j] > (widths[best] ?? 0) ? j : best), -1);
    if (widest < 0 || widths[widest] <= narrowest) break;
    widths[widest]--;
    excess--;
  }
  return widths;
}

function pad(text: string, width: number, align: Column["align"] = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "right" ? blanks + text : text + blanks;
}
