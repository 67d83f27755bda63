/**
 * A number in a smooth basis: hat functions (linear B-splines, de Boor 1978) with their tops at quantiles of the training items. Two
 * numbers are alike when they are near each other on the scale of ranks, and a linear method can follow any curve.
 */
import { quantile } from "../../math/statistics.ts";

/** Tops of the hats: tenths of the training items. */
const TENTHS = Array.from({ length: 11 }, (_, i) => i / 10);

/** The tops, ascending and distinct; empty where no value is known. */
export function numberKnots(known: readonly number[]): number[] {
  if (known.length === 0) return [];
  const sorted = Float64Array.from(known).sort();
  return [...new Set(TENTHS.map((share) => quantile(sorted, share)))];
}

/** The hats that are not 0 at a value, by their place among the knots; at most two, which sum to 1. */
export function hatsAt(knots: readonly number[], value: number): (readonly [place: number, height: number])[] {
  if (!Number.isFinite(value) || knots.length === 0) return [];
  const right = knots.findIndex((knot) => knot >= value);
  if (right < 0) return [[knots.length - 1, 1]];
  if (right === 0 || knots[right] === value) return [[right, 1]];
  const share = (value - knots[right - 1]) / (knots[right] - knots[right - 1]);
  return [
    [right - 1, 1 - share],
    [right, share],
  ];
}
