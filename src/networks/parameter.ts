/** Numbers that training changes: a matrix, the gradient that a pass has summed up so far, and what Adam remembers of earlier ones. */
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { type Matrix, zeros } from "../math/matrix.ts";
import type { Random } from "../math/random.ts";
import { type AdamOptions, type AdamState, adamStep, createAdam } from "./adam.ts";

export interface Parameter {
  /** In shared memory: every product reads it in place. */
  readonly matrix: Matrix;
  /** d loss / d matrix, in the order of its values. */
  readonly gradient: Float32Array;
  readonly adam: AdamState;
}

export function parameterOf(matrix: Matrix): Parameter {
  const size = matrix.values.length;
  return { matrix: sharedMatrix(matrix), gradient: new Float32Array(size), adam: createAdam(size) };
}

/** Zeros: what biases start from. */
export function zeroParameter(rows: number, columns: number): Parameter {
  return parameterOf(zeros(rows, columns));
}

/** Uniform numbers of the variance 2 / (inputs + outputs) (Glorot and Bengio 2010). */
export function glorotParameter(rows: number, columns: number, random: Random): Parameter {
  return uniformParameter(rows, columns, Math.sqrt(6 / (rows + columns)), random);
}

/** Uniform numbers from -limit to limit. */
export function uniformParameter(rows: number, columns: number, limit: number, random: Random): Parameter {
  const values = Float32Array.from({ length: rows * columns }, () => limit * (2 * random.next() - 1));
  return parameterOf({ rows, columns, values });
}

/** Adds the gradient of penalty/2 |matrix|^2. */
export function addPenalty({ matrix, gradient }: Parameter, penalty: number): void {
  for (let p = 0; p < gradient.length; p++) gradient[p] += penalty * matrix.values[p];
}

/** One step of Adam, the `step`-th from 1, along all gradients; they are zeros afterwards. */
export function updateAll(parameters: readonly Parameter[], step: number, options: AdamOptions): void {
  for (const { matrix, gradient, adam } of parameters) {
    adamStep(matrix.values, gradient, adam, step, options);
    gradient.fill(0);
  }
}
