/** Shifted systems by the native backend: solved for many shifts at once, or by a factor that is kept. */
import type { Matrix } from "../../matrix.ts";
import type { CholeskyFactor, SymmetricMatrix } from "../compute-backend.ts";
import {
  checkFactored,
  checkNumbers,
  checkShiftedSystems,
  checkShifts,
  checkSymmetric,
  isCentred,
} from "../request-check.ts";
import { allocate, newMatrix } from "../result-memory.ts";
import { sharedFloat64 } from "../shared-memory.ts";
import { type NativeEngine, type NativeStatus, type NativeSymmetric, statusOf } from "./native-engine.ts";
import { notPositiveDefinite } from "./native-row-solve.ts";

export async function solveShifted(
  engine: NativeEngine,
  a: SymmetricMatrix,
  b: Matrix<Float64Array>,
  shifts: readonly number[],
): Promise<readonly Matrix[]> {
  checkShiftedSystems(a, b, shifts);
  const { rows: n, columns } = b;
  const { values: out } = newMatrix(shifts.length, n * columns, "the solutions");
  const shape = { n, columns, shiftCount: shifts.length };
  const pivot = await statusOf(() =>
    engine.solveShifted({ ...shape, ...partsOf(a), b: b.values, shifts: Float64Array.from(shifts), out }),
  );
  requirePivots(pivot, a);
  return Array.from({ length: shape.shiftCount }, (_, s) => ({
    rows: n,
    columns,
    values: out.slice(s * n * columns, (s + 1) * n * columns),
  }));
}

export async function factor(engine: NativeEngine, a: SymmetricMatrix, shift: number): Promise<CholeskyFactor> {
  const n = checkSymmetric(a);
  checkShifts([shift]);
  const values = allocate(8 * n * n, "the factor", () => sharedFloat64(n * n));
  requirePivots(await statusOf(() => engine.factor({ n, ...partsOf(a), shift, out: values })), a);
  return { n, values };
}

export async function solveFactored(
  engine: NativeEngine,
  { n, values }: CholeskyFactor,
  b: Matrix<Float64Array>,
): Promise<Matrix> {
  checkFactored({ n, values }, b);
  const solution = newMatrix(n, b.columns, "the solution");
  const request = { n, columns: b.columns, factor: values, b: b.values, out: solution.values };
  await statusOf(() => engine.solveFactored(request));
  return solution;
}

/** A pivot that is not positive: a number that is not finite, or a matrix that is not definite. */
function requirePivots(pivot: NativeStatus, a: SymmetricMatrix): void {
  if (pivot < 0) return;
  checkNumbers(a);
  throw notPositiveDefinite(`pivot ${pivot}`);
}

function partsOf(a: SymmetricMatrix): NativeSymmetric {
  return isCentred(a) ? { ...a, kernel: a.kernel.values } : { a: a.values };
}
