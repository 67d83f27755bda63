/**
 * The job `solve`: a row of interactions to its factors, given those of the other side (equation 2). It is the half-sweep of ALS on
 * some of its rows: a row depends on no other.
 */
import { type HalfSweepOptions, type SweepRows, solveHalfSweep, sweepRows } from "../../als/half-sweep.ts";
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
      const hasPrior = rows.names.includes(PRIOR);
      const read = Array.from({ length: rows.rows }, (_, row) => readRow(rows, row, factors, hasPrior));
      const solvable = read.flatMap((row) => ("fault" in row ? [] : [row]));
      const prior = hasPrior ? { prior: priorsOf(solvable, factors.columns) } : {};
      const sweep = metAlone(sweepRows(sparseRows(solvable, factors.rows), options), factors);
      const solved = await solveHalfSweep({ ...sweep, gram, ...prior }, options, { signal });
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
  /** Columns ascending. */
  readonly indices: Float64Array;
  /** Of the same columns. */
  readonly weights: Float64Array;
  readonly prior: Float64Array | null;
}

interface FaultyRow {
  readonly id: string | null;
  readonly fault: string;
}

function readRow(rows: InputRows, row: number, factors: Matrix, hasPrior: boolean): SolvableRow | FaultyRow {
  const id = rows.text(ID, row);
  const [indices, weights] = [rows.numbers(INDICES, row), rows.numbers(WEIGHTS, row)];
  if (indices === null || weights === null) return { id, fault: `missing ${indices === null ? INDICES : WEIGHTS}` };
  if (indices.length !== weights.length)
    return { id, fault: `${indices.length} indices and ${weights.length} weights` };
  const entries = isRising(indices) ? { indices, weights } : sorted(indices, weights);
  const prior = hasPrior ? rows.numbers(PRIOR, row) : null;
  const fault = entryFault(entries, factors.rows) ?? (prior && priorFault(prior, factors.columns));
  return fault === undefined || fault === null ? { id, ...entries, prior } : { id, fault };
}

function isRising(values: Float64Array): boolean {
  for (let p = 1; p < values.length; p++) if (!(values[p] > values[p - 1])) return false;
  return true;
}

function sorted(indices: Float64Array, weights: Float64Array) {
  const order = Uint32Array.from(indices, (_, p) => p).sort((a, b) => indices[a] - indices[b]);
  const inOrder = (values: Float64Array) => Float64Array.from(order, (p) => values[p]);
  return { indices: inOrder(indices), weights: inOrder(weights) };
}

/** A row may have a thousand entries, and there are millions of rows: plain loops. */
function entryFault({ indices, weights }: Pick<SolvableRow, "indices" | "weights">, rows: number): string | undefined {
  for (let p = 0; p < indices.length; p++) {
    const [column, weight] = [indices[p], weights[p]];
    if (!(Number.isInteger(column) && column >= 0 && column < rows))
      return `index ${column}: expected a row in 0..${rows - 1}`;
    if (p > 0 && column === indices[p - 1]) return "an index stands twice";
    const single = Math.fround(weight);
    if (!(single > 0 && Number.isFinite(single))) return `weight ${weight}: expected a finite number > 0`;
  }
  return undefined;
}

function priorFault(prior: Float64Array, columns: number): string | undefined {
  if (prior.length !== columns) return `a prior of ${prior.length} numbers: expected ${columns}`;
  return prior.every(Number.isFinite) ? undefined : "a prior that is not finite";
}

function sparseRows(rows: readonly SolvableRow[], columns: number): SparseMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  for (const [i, { indices }] of rows.entries()) indptr[i + 1] = indptr[i] + indices.length;
  const [indices, values] = [new Uint32Array(indptr[rows.length]), new Float32Array(indptr[rows.length])];
  for (const [i, row] of rows.entries()) {
    indices.set(row.indices, indptr[i]);
    values.set(row.weights, indptr[i]);
  }
  return { rows: rows.length, columns, indptr, indices, values };
}

/** The factors that some row names, and the rows with the places of these: a batch meets few of millions, and its solve turns all it gets. */
function metAlone({ rows, regularization }: SweepRows, factors: Matrix): { rows: SweepRows; factors: Matrix } {
  const isMet = new Uint8Array(factors.rows);
  for (const index of rows.indices) isMet[index] = 1;
  const place = new Uint32Array(factors.rows);
  let count = 0;
  for (let j = 0; j < factors.rows; j++) if (isMet[j] === 1) place[j] = count++;
  const met = zeros(count, factors.columns);
  for (let j = 0; j < factors.rows; j++) if (isMet[j] === 1) met.values.set(rowOf(factors, j), place[j] * met.columns);
  const indices = rows.indices.map((index) => place[index]);
  return { rows: { rows: { ...rows, columns: count, indices }, regularization }, factors: met };
}

function priorsOf(rows: readonly SolvableRow[], rank: number): Matrix {
  const priors = zeros(rows.length, rank);
  for (const [i, { prior }] of rows.entries()) if (prior !== null) priors.values.set(prior, i * rank);
  return priors;
}
