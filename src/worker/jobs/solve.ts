/**
 * The job `solve`: a row of interactions to its factors, given those of the other side (equation 2). It is the half-sweep of ALS on
 * some of its rows: a row depends on no other.
 */
import { type HalfSweepOptions, solveHalfSweep } from "../../als/half-sweep.ts";
import { TailrecError } from "../../errors.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { sharedMatrix } from "../../math/compute/shared-memory.ts";
import { type Matrix, rowOf, type SparseMatrix, zeros } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import type { OpenedJob } from "../job.ts";
import { type InputRows, type OutputRow, QUARANTINE } from "../record.ts";

export interface SolveRequest {
  /** Those of the other side: m x k. */
  readonly factors: Matrix;
  /** k x k Gram of the factors, where somebody has it already. */
  readonly gram?: Matrix<Float64Array>;
  readonly options: HalfSweepOptions;
}

const [ID, INDICES, WEIGHTS, PRIOR] = ["id", "indices", "weights", "prior"];

/** In: id, indices (rows of the factors), weights, perhaps a prior. Out: id, factors. */
export async function openSolve(request: SolveRequest, context: RunContext): Promise<OpenedJob> {
  const { options } = request;
  const factors = sharedMatrix(request.factors);
  const gram = request.gram ?? (await defaultBackend().gram(factors));
  if (gram.rows !== factors.columns || gram.columns !== factors.columns) {
    const [k, received] = [factors.columns, `${gram.rows} x ${gram.columns}`];
    throw new TailrecError("INVALID_ARGUMENT", `expected a Gram of ${k} x ${k}, received ${received}`);
  }
  const { signal } = context;
  return {
    needs: [ID, INDICES, WEIGHTS],
    columns: [
      { name: ID, type: "text" },
      { name: "factors", type: "vector" },
    ],
    run: async (rows) => {
      const read = Array.from({ length: rows.rows }, (_, row) => readRow(rows, row, factors));
      const solvable = read.flatMap((row) => ("fault" in row ? [] : [row]));
      const prior = rows.names.includes(PRIOR) ? { prior: priorsOf(solvable, factors.columns) } : {};
      const sweep = { rows: sparseRows(solvable, factors.rows), factors, gram, ...prior };
      const solved = await solveHalfSweep(sweep, options, { signal });
      let next = 0;
      return read.map((row): OutputRow => {
        const { id } = row;
        return "fault" in row ? { id, [QUARANTINE]: row.fault } : { id, factors: rowOf(solved, next++) };
      });
    },
    close: async () => undefined,
  };
}

interface SolvableRow {
  readonly id: string | null;
  /** Columns ascending, with their weights. */
  readonly entries: readonly (readonly [column: number, weight: number])[];
  readonly prior: Float64Array | null;
}

interface FaultyRow {
  readonly id: string | null;
  readonly fault: string;
}

function readRow(rows: InputRows, row: number, factors: Matrix): SolvableRow | FaultyRow {
  const id = rows.text(ID, row);
  const [indices, weights] = [rows.numbers(INDICES, row), rows.numbers(WEIGHTS, row)];
  const prior = rows.numbers(PRIOR, row);
  const fault = faultOf(indices, weights, prior, factors);
  if (fault !== undefined || indices === null || weights === null) return { id, fault: fault ?? "missing" };
  const entries = Array.from(indices, (column, p) => [column, weights[p]] as const);
  return { id, entries: entries.sort(([a], [b]) => a - b), prior };
}

function faultOf(
  indices: Float64Array | null,
  weights: Float64Array | null,
  prior: Float64Array | null,
  { rows, columns }: Matrix,
): string | undefined {
  if (indices === null || weights === null) return `missing ${indices === null ? INDICES : WEIGHTS}`;
  if (indices.length !== weights.length) return `${indices.length} indices and ${weights.length} weights`;
  const wrong = indices.find((column) => !(Number.isInteger(column) && column >= 0 && column < rows));
  if (wrong !== undefined) return `index ${wrong}: expected a row in 0..${rows - 1}`;
  if (new Set(indices).size < indices.length) return "an index stands twice";
  const light = weights.find((weight) => !(Math.fround(weight) > 0 && Number.isFinite(Math.fround(weight))));
  if (light !== undefined) return `weight ${light}: expected a finite number > 0`;
  if (prior === null) return undefined;
  if (prior.length !== columns) return `a prior of ${prior.length} numbers: expected ${columns}`;
  return prior.every(Number.isFinite) ? undefined : "a prior that is not finite";
}

function sparseRows(rows: readonly SolvableRow[], columns: number): SparseMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  for (const [i, { entries }] of rows.entries()) indptr[i + 1] = indptr[i] + entries.length;
  const all = rows.flatMap(({ entries }) => entries);
  const indices = Uint32Array.from(all, ([column]) => column);
  const values = Float32Array.from(all, ([, weight]) => weight);
  return { rows: rows.length, columns, indptr, indices, values };
}

function priorsOf(rows: readonly SolvableRow[], rank: number): Matrix {
  const priors = zeros(rows.length, rank);
  for (const [i, { prior }] of rows.entries()) if (prior !== null) priors.values.set(prior, i * rank);
  return priors;
}
