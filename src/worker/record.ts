/**
 * What a worker's job sees of its rows, and what it gives back: plain columns. Arrow itself is known to arrow-input.ts and
 * arrow-output.ts alone.
 */

/** A run of consecutive rows. A cell is null where it is missing. */
export interface InputRows {
  readonly rows: number;
  readonly names: readonly string[];
  /** As text, whatever its type. */
  text(name: string, row: number): string | null;
  /** The texts of a list, or the one text of a plain cell. */
  texts(name: string, row: number): readonly string[] | null;
  numbers(name: string, row: number): Float64Array | null;
}

export interface OutputColumn {
  readonly name: string;
  readonly type: "text" | "texts" | "number" | "vector" | "integers";
}

/** The cells of one row, by column. */
export type OutputRow = Readonly<
  Record<string, string | readonly string[] | number | Float32Array | Int32Array | null>
>;

/** Why a row has no result stands here; null where it has one. */
export const QUARANTINE = "quarantine";
