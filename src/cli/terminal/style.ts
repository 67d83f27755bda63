/**
 * What text may look like on this terminal: its width, and colour unless NO_COLOR (https://no-color.org) is set or the
 * output goes to a file. Text from catalogs is stripped of control characters before it reaches a terminal.
 */
import type { WriteStream } from "node:tty";

export interface Style {
  readonly coloured: boolean;
  /** Columns that a line may fill. */
  readonly width: number;
  bold(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/** Lines for a file or a pipe are this wide: `--json` carries the full text. */
const pipeWidth = 120;

/** The style for a stream. `environment` is read for NO_COLOR and TERM. */
export function styleFor(
  stream: Pick<WriteStream, "isTTY" | "columns">,
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const coloured = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
  const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = stream.isTTY ? (stream.columns ?? 80) : pipeWidth;
  return { coloured, width, bold: paint(1), faint: paint(2), good: paint(32), bad: paint(31) };
}

/** One line without control or direction-changing characters, blanks collapsed. */
export function plainLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}
