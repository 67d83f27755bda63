/** Vectors by item id with further columns: what the vector files hold, whatever their format. */
import { TailrecError } from "../../errors.ts";
import type { Matrix } from "../../math/matrix.ts";

/** One value an item. NaN means unknown. */
export type ExtraColumn = readonly string[] | Float32Array | Uint32Array;

export interface VectorTable {
  /** n. */
  readonly ids: readonly string[];
  /** n x d, finite. */
  readonly vectors: Matrix;
  /** Such as source, uncertainty, support; any names but "id", "ids" and "vector". */
  readonly extra?: Readonly<Record<string, ExtraColumn>>;
}

/** Throws INVALID_ARGUMENT for lengths that differ, a reserved column name, or a vector that is not finite. */
export function requireTable({ ids, vectors, extra = {} }: VectorTable): void {
  const expectThat = (holds: boolean, expected: string): void => {
    if (!holds) throw new TailrecError("INVALID_ARGUMENT", `vector file: expected ${expected}`);
  };
  expectThat(ids.length === vectors.rows, `${vectors.rows} ids, received ${ids.length}`);
  for (const [name, column] of Object.entries(extra)) {
    expectThat(!["id", "ids", "vector"].includes(name), `a column name other than "${name}"`);
    expectThat(column.length === ids.length, `${ids.length} values of ${name}, received ${column.length}`);
  }
  const broken = vectors.values.findIndex((value) => !Number.isFinite(value));
  expectThat(
    broken === -1,
    `finite values, received one that is not for item ${ids[Math.floor(broken / vectors.columns)]}`,
  );
}
