/** Gradients by central differences: what the chain rule must agree with. Losses are computed in float32, hence the wide step. */
import type { Parameter } from "../../src/networks/parameter.ts";

/** Entries of a parameter that are tried. */
const MOST = 60;

/** The largest difference between the summed-up gradients and the differences of the loss, against the largest gradient. */
export async function gradientError(
  parameters: readonly Parameter[],
  loss: () => Promise<number>,
  step = 0.02,
): Promise<number> {
  for (const { gradient } of parameters) gradient.fill(0);
  await loss();
  const kept = parameters.map(({ gradient }) => gradient.slice());
  const errors: number[] = [];
  for (const [which, { matrix }] of parameters.entries()) {
    const stride = Math.max(1, Math.floor(matrix.values.length / MOST));
    for (let p = 0; p < matrix.values.length; p += stride) {
      const value = matrix.values[p];
      matrix.values[p] = value + step;
      const above = await loss();
      matrix.values[p] = value - step;
      const below = await loss();
      matrix.values[p] = value;
      errors.push(Math.abs((above - below) / (2 * step) - kept[which][p]));
    }
  }
  const largest = Math.max(...kept.flatMap((values) => Array.from(values, Math.abs)));
  return Math.max(...errors) / largest;
}
