/** The line of every row of a table: kept as the rows where it jumps, so that a clean file of a hundred million rows costs nothing. */

export interface LineIndex {
  /** Rows added so far. */
  readonly rows: number;
  /** The 1-based line where the row, from 0, begins. */
  lineOf(row: number): number;
}

export interface GrowingLineIndex extends LineIndex {
  /** Adds the next row. */
  add(line: number): void;
}

export function createLineIndex(): GrowingLineIndex {
  const firstRows: number[] = [];
  const firstLines: number[] = [];
  let rows = 0;
  let expected = -1;
  return {
    get rows() {
      return rows;
    },
    add(line) {
      if (line !== expected) {
        firstRows.push(rows);
        firstLines.push(line);
      }
      rows++;
      expected = line + 1;
    },
    lineOf(row) {
      const run = lastAtMost(firstRows, row);
      return firstLines[run] + row - firstRows[run];
    },
  };
}

/** The place of the last of the ascending values that is at most `limit`. */
function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0;
  for (let high = values.length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
