/** Rows as plain values, as a job of a worker sees them: what the same job costs without Arrow. */
import type { InputRows, OutputRow } from "../src/worker/record.ts";

export function plainRows(rows: readonly OutputRow[]): InputRows {
  const text = (name: string, row: number) => {
    const cell = rows[row][name] ?? null;
    return cell === null ? null : String(cell);
  };
  return {
    rows: rows.length,
    names: Object.keys(rows[0]),
    text,
    texts: (name, row) => {
      const cell = text(name, row);
      return cell === null ? null : [cell];
    },
    numbers: (name, row) => {
      const cell = rows[row][name];
      return cell instanceof Float32Array ? Float64Array.from(cell) : null;
    },
  };
}
