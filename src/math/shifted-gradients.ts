/**
 * Conjugate gradients for several shifts at once (Jegerlehner 1996): (A + s I) X = B for every shift s > 0, A symmetric positive
 * semi-definite. The Krylov space of B is the same for all of them, so that the products are those of the smallest shift alone. Every
 * column of B has step lengths of its own.
 */
import type { Matrix } from "./matrix.ts";

export interface GradientOptions {
  /** Products with A, at most. */
  readonly iterations: number;
  /** A column is done when its residual at the smallest shift is below this share of its length. */
  readonly tolerance: number;
}

/** One solution a shift, n x k. `times` gives A V. */
export async function solveShiftedBy(
  times: (v: Matrix) => Promise<Matrix>,
  b: Matrix,
  shifts: readonly number[],
  { iterations, tolerance }: GradientOptions,
): Promise<Matrix[]> {
  const least = Math.min(...shifts);
  const systems = shifts.flatMap((shift) => (shift > least ? [shiftedSystem(b, shift - least)] : []));
  const solution = { ...b, values: new Float32Array(b.values.length) };
  const residual = copyOf(b);
  const direction = copyOf(b);
  let squares = columnProducts(residual, residual);
  const limits = squares.map((square) => tolerance ** 2 * square);
  for (let i = 0; i < iterations && squares.some((square, d) => square > limits[d]); i++) {
    const product = await times(direction);
    const curvatures = shiftAndMeasure(product, direction, least);
    const isOpen = squares.map((square, d) => (square > limits[d] && curvatures[d] > 0 ? 1 : 0));
    const steps = squares.map((square, d) => (isOpen[d] === 1 ? square / curvatures[d] : 0));
    const next = descend(residual, product, steps);
    const ratios = next.map((square, d) => (isOpen[d] === 1 ? square / squares[d] : 0));
    for (const system of systems) advance(system, residual, { steps, ratios, isOpen });
    stepAndTurn({ solution, direction, residual }, { own: steps, kept: ratios, fresh: isOpen });
    squares = next.map((square, d) => (isOpen[d] === 1 ? square : Math.min(square, limits[d])));
  }
  return shifts.map((shift) => systems.find(({ above }) => above === shift - least)?.solution ?? solution);
}

/** One shift above the smallest: its residual is that of the smallest times a factor a column. */
interface ShiftedSystem {
  readonly above: number;
  readonly solution: Matrix;
  readonly direction: Matrix;
  /** Factors of this step and of the one before, and the last step lengths and ratios of the smallest shift: k each. */
  readonly factor: Float64Array;
  readonly before: Float64Array;
  readonly step: Float64Array;
  readonly ratio: Float64Array;
}

interface Advance {
  readonly steps: Float64Array;
  readonly ratios: Float64Array;
  readonly isOpen: Float64Array;
}

function shiftedSystem(b: Matrix, above: number): ShiftedSystem {
  const ones = () => new Float64Array(b.columns).fill(1);
  const solution = { ...b, values: new Float32Array(b.values.length) };
  const direction = copyOf(b);
  return {
    above,
    solution,
    direction,
    factor: ones(),
    before: ones(),
    step: ones(),
    ratio: new Float64Array(b.columns),
  };
}

function advance(system: ShiftedSystem, residual: Matrix, { steps, ratios, isOpen }: Advance): void {
  const { above, solution, direction, factor, before, step, ratio } = system;
  const k = factor.length;
  const [own, kept, fresh] = [new Float64Array(k), new Float64Array(k).fill(1), new Float64Array(k)];
  for (let d = 0; d < k; d++) {
    if (isOpen[d] === 0) continue;
    const turned = steps[d] * ratio[d] * (before[d] - factor[d]) + before[d] * step[d] * (1 + above * steps[d]);
    const next = (factor[d] * before[d] * step[d]) / turned;
    const scale = next / factor[d];
    [own[d], fresh[d], kept[d]] = [steps[d] * scale, next, ratios[d] * scale * scale];
    [before[d], factor[d], step[d], ratio[d]] = [factor[d], next, steps[d], ratios[d]];
  }
  // A closed column stays: nothing new, and all of the old.
  stepAndTurn({ solution, direction, residual }, { own, kept, fresh });
}

/** Numbers in whole groups of four rows of k. A pass that takes four rows at a time reads what belongs to a column a fourth as often. */
function wholeFours(length: number, k: number): number {
  return length - (length % (4 * k));
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, values: Float32Array.from(matrix.values) };
}

function columnProducts(a: Matrix, b: Matrix): Float64Array {
  const k = a.columns;
  const sums = new Float64Array(k);
  for (let start = 0; start < a.values.length; start += k) {
    for (let d = 0; d < k; d++) sums[d] += a.values[start + d] * b.values[start + d];
  }
  return sums;
}

/** Adds `shift` times the direction to the product, in place; the inner products of both, by column. One pass over memory. */
function shiftAndMeasure(
  { values: product }: Matrix,
  { values: direction, columns: k }: Matrix,
  shift: number,
): Float64Array {
  const sums = new Float64Array(k);
  const whole = wholeFours(product.length, k);
  for (let p = 0; p < whole; p += 4 * k) {
    const [q, r, s] = [p + k, p + 2 * k, p + 3 * k];
    for (let d = 0; d < k; d++) {
      const w = direction[p + d];
      const x = direction[q + d];
      const y = direction[r + d];
      const z = direction[s + d];
      const a = Math.fround(product[p + d] + shift * w);
      const b = Math.fround(product[q + d] + shift * x);
      const c = Math.fround(product[r + d] + shift * y);
      const e = Math.fround(product[s + d] + shift * z);
      product[p + d] = a;
      product[q + d] = b;
      product[r + d] = c;
      product[s + d] = e;
      sums[d] = sums[d] + w * a + x * b + y * c + z * e;
    }
  }
  for (let start = whole; start < product.length; start += k) {
    for (let d = 0; d < k; d++) {
      product[start + d] += shift * direction[start + d];
      sums[d] += direction[start + d] * product[start + d];
    }
  }
  return sums;
}

/** Takes every column of the product times its step from the residual, in place; the squares of what is left, by column. */
function descend(
  { values: residual }: Matrix,
  { values: product, columns: k }: Matrix,
  steps: Float64Array,
): Float64Array {
  const sums = new Float64Array(k);
  const whole = wholeFours(residual.length, k);
  for (let p = 0; p < whole; p += 4 * k) {
    const [q, r, s] = [p + k, p + 2 * k, p + 3 * k];
    for (let d = 0; d < k; d++) {
      const step = steps[d];
      const w = Math.fround(residual[p + d] - step * product[p + d]);
      const x = Math.fround(residual[q + d] - step * product[q + d]);
      const y = Math.fround(residual[r + d] - step * product[r + d]);
      const z = Math.fround(residual[s + d] - step * product[s + d]);
      residual[p + d] = w;
      residual[q + d] = x;
      residual[r + d] = y;
      residual[s + d] = z;
      sums[d] = sums[d] + w * w + x * x + y * y + z * z;
    }
  }
  for (let start = whole; start < residual.length; start += k) {
    for (let d = 0; d < k; d++) {
      residual[start + d] -= steps[d] * product[start + d];
      sums[d] += residual[start + d] * residual[start + d];
    }
  }
  return sums;
}

interface Turn {
  readonly own: Float64Array;
  readonly kept: Float64Array;
  readonly fresh: Float64Array;
}

/** The solution goes `own` along the direction; the direction is then `kept` of itself and `fresh` of the residual. In place. */
function stepAndTurn(
  { solution, direction, residual }: Pick<ShiftedSystem, "solution" | "direction"> & { readonly residual: Matrix },
  { own, kept, fresh }: Turn,
): void {
  const [to, along, rest] = [solution.values, direction.values, residual.values];
  const k = own.length;
  const whole = wholeFours(to.length, k);
  for (let p = 0; p < whole; p += 4 * k) {
    const [q, r, s] = [p + k, p + 2 * k, p + 3 * k];
    for (let d = 0; d < k; d++) {
      const step = own[d];
      const old = kept[d];
      const added = fresh[d];
      const w = along[p + d];
      const x = along[q + d];
      const y = along[r + d];
      const z = along[s + d];
      to[p + d] += step * w;
      to[q + d] += step * x;
      to[r + d] += step * y;
      to[s + d] += step * z;
      along[p + d] = old * w + added * rest[p + d];
      along[q + d] = old * x + added * rest[q + d];
      along[r + d] = old * y + added * rest[r + d];
      along[s + d] = old * z + added * rest[s + d];
    }
  }
  for (let start = whole; start < to.length; start += k) {
    for (let d = 0; d < k; d++) {
      to[start + d] += own[d] * along[start + d];
      along[start + d] = kept[d] * along[start + d] + fresh[d] * rest[start + d];
    }
  }
}
