/**
 * Ridge from moments (`moments.ts`): with m the mean of the rows [x, y] and v the sum of their weights,
 *   C = M - v m m',   W = (C_xx + s v I)^-1 C_xy,   b = m_y - W'm_x.
 * It is the primal form of `ridge-regression.ts`, from sums in place of rows.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import type { Matrix } from "../../../math/matrix.ts";
import type { Moments } from "../../moments.ts";
import { interceptOf, type RidgeMap } from "./ridge-regression.ts";

/** One map a penalty. */
export async function fitMomentRidge(
  { outputs, gram: { values, columns } }: Moments,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<RidgeMap[]> {
  const [total, inputs] = [values[0], columns - 1 - outputs];
  const mean = values.subarray(1, columns).map((sum) => sum / total);
  const centred = (i: number, j: number) => values[(i + 1) * columns + j + 1] - total * mean[i] * mean[j];
  const gram = filled(inputs, inputs, centred);
  const cross = filled(inputs, outputs, (i, output) => centred(i, inputs + output));
  const shifts = penalties.map((penalty) => penalty * total);
  const maps = await backend.solveShifted(gram, cross, shifts);
  const [meanX, meanY] = [mean.subarray(0, inputs), mean.subarray(inputs)];
  return maps.map((weights, p) => ({
    weights,
    intercept: interceptOf(weights, meanX, meanY),
    regularization: penalties[p],
  }));
}

function filled(rows: number, columns: number, cell: (i: number, j: number) => number): Matrix<Float64Array> {
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[i * columns + j] = cell(i, j);
  return { rows, columns, values };
}
