/**
 * Lift: how the vectors of little-known items take the length and the direction that they deserve. A regression to factors shrinks
 * what it cannot know, and content says of a new item what behaviour will say later. So the vector of an item with n interactions is
 *   exp(a d / (1 + n)) [ h ; exp(c / (1 + n)) b z(x) ],   d = mean over warm items of log |h| - log |f(x)|,
 * smooth in n from 0 on. The amplitude a moves new items against known ones and leaves their order among themselves, c the other way.
 */
import { type Matrix, zeros } from "../math/matrix.ts";
import type { MatrixRoom } from "../math/matrix-room.ts";
import { scaleRows, squaredNorms } from "../math/row-norms.ts";
import type { ItemSettings } from "./defaults.ts";

/** Exponents for an item without interactions. */
export interface Lift {
  /** a d. */
  readonly factors: number;
  /** a d + c. */
  readonly content: number;
}

/** The exponents at a measured shrinkage d. */
export function liftOf({ lift, contentLift }: Pick<ItemSettings, "lift" | "contentLift">, shrinkage: number): Lift {
  return { factors: lift * shrinkage, content: lift * shrinkage + contentLift };
}

/** Below this a factor vector is rounding; its logarithm would be an outlier. */
const SHORTEST = 1e-6;

/** d of posterior factors and predictions (both n x k) over the items with support; 0 where there is none. */
export function measureShrinkage(factors: Matrix, prior: Matrix, support: Uint32Array): number {
  const [lengths, predicted] = [squaredNorms(factors), squaredNorms(prior)];
  let [sum, warm] = [0, 0];
  for (let i = 0; i < support.length; i++) {
    if (support[i] === 0) continue;
    sum += (logOf(lengths[i]) - logOf(predicted[i])) / 2;
    warm++;
  }
  return warm === 0 ? 0 : sum / warm;
}

function logOf(square: number): number {
  return Math.log(Math.max(square, SHORTEST ** 2));
}

/** exp(e / (1 + n)). */
export function liftAt(exponent: number, n: number): number {
  return Math.exp(exponent / (1 + n));
}

/** Rows that are lifted beside others. */
export interface LiftedPart {
  readonly rows: Matrix;
  readonly exponent: number;
  /** What all rows are multiplied with before; 1 when absent. */
  readonly scale?: number;
}

/** The parts side by side, each row times its scale and its lift at its support; in memory of `roomFor` where it is given. */
export function liftedSideBySide(
  parts: readonly LiftedPart[],
  support: Uint32Array,
  roomFor: MatrixRoom = zeros,
): Matrix {
  const width = parts.reduce((sum, { rows }) => sum + rows.columns, 0);
  const joined = roomFor(support.length, width);
  let offset = 0;
  for (const { rows, exponent, scale = 1 } of parts) {
    const { columns, values } = rows;
    for (let i = 0; i < support.length; i++) {
      const [lift, from, to] = [liftAt(exponent, support[i]), i * columns, i * width + offset];
      for (let d = 0; d < columns; d++) joined.values[to + d] = lift * Math.fround(scale * values[from + d]);
    }
    offset += columns;
  }
  return joined;
}

/** Rows, each times its lift at its support. */
export function liftRows(rows: Matrix, exponent: number, support: Uint32Array): Matrix {
  if (exponent === 0) return rows;
  return scaleRows(
    rows,
    Float64Array.from(support, (n) => liftAt(exponent, n)),
  );
}
