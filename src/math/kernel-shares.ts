/**
 * Shares of kernels by held-out error. Kernel ridge on W = sum_b t_b K_b + I predicts the targets of items that it did not see,
 *   P(t) = W_hk (W_kk + I)^-1 Y_k,   k kept items, h held-out ones,
 * and t >= 0 minimises |P(t) - Y_h|^2 by Gauss-Newton steps. With P linearised, a step is a non-negative least squares problem in t
 * (Bro & de Jong 1997). It is halved until the error falls. The size of t is the penalty. Everything is centred on the kept items.
 */
import type { ComputeBackend } from "./compute/backend.ts";
import type { CholeskyFactor } from "./compute/compute-backend.ts";
import { sharedDoubles, sharedFloat64, sharedZeros } from "./compute/shared-memory.ts";
import { transpose } from "./linear-map.ts";
import { columnMeans, type Matrix, rowRange } from "./matrix.ts";

export interface ShareProblem {
  /** Of every kernel its values between all items, the kept ones first, and the kept ones: (k + h) x k. */
  readonly kernels: readonly Matrix[];
  /** Of the same items: (k + h) x q. */
  readonly targets: Matrix;
}

export interface KernelShares {
  /** t_b >= 0. */
  readonly shares: readonly number[];
  /**
   * How sure it is that a kernel tells something, in standard errors of the held-out items. It is the larger of two gains: of the
   * kernel alone, at the size of all together, over the mean of the kept items, and of all kernels over all but it.
   */
  readonly significance: readonly number[];
  /** |P(t) - Y_h|^2 over that of the mean of the kept items. */
  readonly error: number;
}

const STEPS = 8;
const HALVINGS = 3;
/** A step that lowers the error by less than this share is the last. */
const PRECISION = 1e-4;
/** Sizes of equal shares to begin with. */
const STARTS = [0.1, 0.3, 1, 3];
/** Against kernels that are copies of each other: a share of the diagonal of J'J. */
const DAMPING = 0.1;
const SWEEPS = 200;

/** Deterministic; a kernel without variance among the kept items has share 0. */
export async function kernelShares(problem: ShareProblem, backend: ComputeBackend): Promise<KernelShares> {
  const system = centred(problem);
  const ridge = ridgeOn(system, backend);
  const even = system.kernels.map(({ hasVariance }) => (hasVariance ? 1 / system.kernels.length : 0));
  let best = await leastOf(
    STARTS.map((size) => even.map((share) => size * share)),
    ridge,
  );
  for (let step = 0; step < STEPS; step++) {
    const next = await leastOnTheWay(best, await ridge.slopes(best), ridge);
    const gain = best.error - next.error;
    best = next;
    if (!(gain > PRECISION * best.error)) break;
  }
  const size = best.shares.reduce((sum, share) => sum + share, 0);
  const significance: number[] = [];
  for (const b of system.kernels.keys()) {
    const alone = await ridge.at(best.shares.map((_, other) => (other === b ? size : 0)));
    const without = await ridge.at(best.shares.map((share, other) => (other === b ? 0 : share)));
    const [gain, loss] = [gainInErrors(alone.residual, system.heldOut), gainInErrors(best.residual, without.residual)];
    significance.push(Math.max(gain, loss));
  }
  const whole = innerProduct(system.heldOut, system.heldOut);
  return { shares: best.shares, significance, error: whole > 0 ? best.error / whole : 1 };
}

interface CentredKernel {
  /** k x k. */
  readonly kept: Matrix;
  /** h x k. */
  readonly heldOut: Matrix;
  readonly hasVariance: boolean;
}

interface System {
  readonly kernels: readonly CentredKernel[];
  /** Y_k. */
  readonly kept: Matrix;
  /** Y_h. */
  readonly heldOut: Matrix;
}

/** What centring leaves of a kernel that is the same for all items, as a share of its trace. */
const ROUNDING = 1e-5;

function centred({ kernels, targets }: ShareProblem): System {
  const k = kernels[0].columns;
  const mean = columnMeans(rowRange(targets, 0, k));
  const values = targets.values.map((value, p) => value - mean[p % targets.columns]);
  const y = { ...targets, values };
  return {
    kernels: kernels.map((kernel) => centredKernel(kernel, k)),
    kept: rowRange(y, 0, k),
    heldOut: rowRange(y, k, y.rows),
  };
}

/** Minus the mean of its row over the kept items and that of its column, plus the mean of both. */
function centredKernel({ rows, columns: k, values }: Matrix, kept: number): CentredKernel {
  const means = columnMeans({ rows: kept, columns: k, values: values.subarray(0, kept * k) });
  const grand = means.reduce((sum, mean) => sum + mean / k, 0);
  const result = sharedZeros(rows, k);
  let [trace, left] = [0, 0];
  for (let i = 0; i < rows; i++) {
    let mean = 0;
    for (let j = 0; j < k; j++) mean += values[i * k + j] / k;
    for (let j = 0; j < k; j++) result.values[i * k + j] = values[i * k + j] - mean - means[j] + grand;
    if (i < kept) [trace, left] = [trace + values[i * k + i], left + result.values[i * k + i]];
  }
  return {
    kept: rowRange(result, 0, kept),
    heldOut: rowRange(result, kept, rows),
    hasVariance: left > ROUNDING * trace,
  };
}

/** A place on the way: shares, and P(t) - Y_h. */
interface Fit {
  readonly shares: readonly number[];
  readonly residual: Matrix;
  /** Its squared length. */
  readonly error: number;
  /** Of W_kk + I. */
  readonly factor: CholeskyFactor;
  /** Y_k'(W_kk + I)^-1: q x k. */
  readonly dual: Matrix;
}

interface Ridge {
  at(shares: readonly number[]): Promise<Fit>;
  /** dP / dt_b: h x q each. */
  slopes(fit: Fit): Promise<readonly Matrix[]>;
}

function ridgeOn({ kernels, kept, heldOut }: System, backend: ComputeBackend): Ridge {
  const y = sharedDoubles(kept);
  const k = kept.rows;
  const among = { rows: k, columns: k, values: sharedFloat64(k * k) };
  const across = sharedZeros(heldOut.rows, k);
  const amongEach = kernels.map((kernel) => kernel.kept.values);
  const acrossEach = kernels.map((kernel) => kernel.heldOut.values);
  return {
    at: async (shares) => {
      weightedSum(among.values, shares, amongEach);
      weightedSum(across.values, shares, acrossEach);
      const factor = await backend.factor(among, 1);
      const dual = transpose(await backend.solveFactored(factor, y));
      const residual = minus(await backend.multiplyTransposed(across, dual), heldOut);
      return { shares, residual, error: innerProduct(residual, residual), factor, dual };
    },
    slopes: async ({ shares, factor, dual }) => {
      weightedSum(across.values, shares, acrossEach);
      const slopes: Matrix[] = [];
      for (const kernel of kernels) {
        const moved = sharedDoubles(await backend.multiplyTransposed(kernel.kept, dual));
        const lost = transpose(await backend.solveFactored(factor, moved));
        const gained = await backend.multiplyTransposed(kernel.heldOut, dual);
        slopes.push(minus(gained, await backend.multiplyTransposed(across, lost)));
      }
      return slopes;
    },
  };
}

async function leastOf(candidates: readonly (readonly number[])[], ridge: Ridge): Promise<Fit> {
  const fits: Fit[] = [];
  for (const shares of candidates) fits.push(await ridge.at(shares));
  return fits.reduce((best, fit) => (fit.error < best.error ? fit : best));
}

/** The first of the whole step, its half, ... that lowers the error; where none does, where it began. */
async function leastOnTheWay(from: Fit, slopes: readonly Matrix[], ridge: Ridge): Promise<Fit> {
  const target = gaussNewton(from, slopes);
  for (let halving = 0; halving < HALVINGS; halving++) {
    const part = 0.5 ** halving;
    const fit = await ridge.at(from.shares.map((share, b) => share + part * (target[b] - share)));
    if (fit.error < from.error) return fit;
  }
  return from;
}

/** min over v >= 0 of |r + J (v - t)|^2 + damping, by coordinates. */
function gaussNewton({ shares, residual }: Fit, slopes: readonly Matrix[]): number[] {
  const products = slopes.map((a) => slopes.map((b) => innerProduct(a, b)));
  const pull = slopes.map((slope) => innerProduct(slope, residual));
  const moved = [...shares];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [b, row] of products.entries()) {
      if (!(row[b] > 0)) continue;
      const gradient = pull[b] + row.reduce((sum, value, c) => sum + value * (moved[c] - shares[c]), 0);
      const damped = gradient + DAMPING * row[b] * (moved[b] - shares[b]);
      moved[b] = Math.max(0, moved[b] - damped / ((1 + DAMPING) * row[b]));
    }
  }
  return moved;
}

/** Mean over items of |y|^2 - |residual|^2 over its standard error; y is the residual of what it is compared with. */
function gainInErrors(residual: Matrix, y: Matrix): number {
  const n = y.rows;
  const gains = new Float64Array(n);
  for (let p = 0; p < y.values.length; p++) {
    gains[Math.floor(p / y.columns)] += y.values[p] ** 2 - residual.values[p] ** 2;
  }
  const mean = gains.reduce((sum, gain) => sum + gain / n, 0);
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2 / n, 0);
  return variance > 0 ? mean / Math.sqrt(variance / n) : 0;
}

/** Sums that are made together: they stay in the cache while one matrix after the other is added. */
const TILE = 2048;

/** sums = sum_b scale_b values_b, in this order. */
function weightedSum(
  sums: Float32Array | Float64Array,
  scales: readonly number[],
  values: readonly Float32Array[],
): void {
  for (let begin = 0; begin < sums.length; begin += TILE) {
    const end = Math.min(sums.length, begin + TILE);
    sums.fill(0, begin, end);
    for (const [b, added] of values.entries()) {
      const scale = scales[b];
      if (scale > 0) for (let p = begin; p < end; p++) sums[p] += scale * added[p];
    }
  }
}

function minus(a: Matrix, b: Matrix): Matrix {
  return { ...a, values: a.values.map((value, p) => value - b.values[p]) };
}

function innerProduct(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let p = 0; p < a.values.length; p++) sum += a.values[p] * b.values[p];
  return sum;
}
