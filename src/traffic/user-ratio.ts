/**
 * A ratio of sums over users, such as clicks over lists, R = sum x_u / sum y_u. Users are drawn, not lists, so its variance is that of
 * the delta method: var(R) = var(x_u - R y_u) / (n mean(y)^2). CUPED (Deng 2013) takes out what a covariate z_u of before the experiment
 * tells: x_u - R y_u - b (z_u - mean(z)), b = cov / var(z), with one b for all variants.
 */
import { mean } from "../math/statistics.ts";

export interface UserSums {
  readonly x: number;
  readonly y: number;
  /** Of before the experiment; absent where nothing is known. */
  readonly before?: number;
}

export interface RatioEstimate {
  readonly users: number;
  readonly value: number;
  /** Of `value`. */
  readonly variance: number;
}

/** NaN without users. */
export function ratioOf(users: readonly UserSums[]): RatioEstimate {
  const value = sumOf(users, ({ x }) => x) / sumOf(users, ({ y }) => y);
  return estimate(users, value, residualsOf(users, value));
}

/** Both ratios with what the covariate tells taken out; as they are where a user lacks it. */
export function adjustedRatios(
  a: readonly UserSums[],
  b: readonly UserSums[],
): readonly [RatioEstimate, RatioEstimate] {
  const plain = [ratioOf(a), ratioOf(b)] as const;
  const all = [...a, ...b];
  if (all.length < 2 || all.some(({ before }) => before === undefined)) return plain;
  const covariates = all.map(({ before = 0 }) => before);
  const centre = mean(covariates);
  const residuals = [residualsOf(a, plain[0].value), residualsOf(b, plain[1].value)];
  const spread = covariates.reduce((sum, z) => sum + (z - centre) ** 2, 0);
  if (spread === 0) return plain;
  const slope = residuals.flat().reduce((sum, r, u) => sum + r * (covariates[u] - centre), 0) / spread;
  const adjusted = ([a, b] as const).map((users, side) => {
    const left = users.map(({ before = 0 }, u) => residuals[side][u] - slope * (before - centre));
    const shift = mean(left) / mean(users.map(({ y }) => y));
    return estimate(users, plain[side].value + shift, left);
  });
  return [adjusted[0], adjusted[1]];
}

function residualsOf(users: readonly UserSums[], value: number): number[] {
  return users.map(({ x, y }) => x - value * y);
}

function estimate(users: readonly UserSums[], value: number, residuals: readonly number[]): RatioEstimate {
  const n = users.length;
  const centre = mean(residuals);
  const spread = residuals.reduce((sum, r) => sum + (r - centre) ** 2, 0) / Math.max(1, n - 1);
  const length = sumOf(users, ({ y }) => y) / n;
  return { users: n, value, variance: spread / (n * length ** 2) };
}

function sumOf(users: readonly UserSums[], of: (user: UserSums) => number): number {
  return users.reduce((sum, user) => sum + of(user), 0);
}
