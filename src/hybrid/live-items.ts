/**
 * Vectors of single items that are clicked after training: the posterior's row solve (posterior.ts) against the users who met them,
 * whose factors alone are read. What training solved against stays, so a click moves the items that it touches and no others.
 */
import {
  type BackendContext,
  type HalfSweepOptions,
  rowRegularization,
  scaleConfidence,
  solveHalfSweep,
} from "../als/half-sweep.ts";
import type { Interactions } from "../data/interactions.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { columnRange, type Matrix, rowOf, type SparseMatrix, takeRows } from "../math/matrix.ts";
import { once } from "../once.ts";
import type { HybridModel } from "./hybrid.ts";
import { liftAt, liftRows } from "./lift.ts";
import { type ItemSolve, type Posterior, posteriorOf } from "./posterior.ts";

/** Factors of somebody whom the training data do not know: k values each. */
export interface Stranger {
  readonly served: Float32Array;
  /** Of plain ALS. */
  readonly plain: Float32Array;
}

/** Who met an item: a user of the training data by row, or the factors of somebody later. */
export interface Meeting {
  readonly user: number | Stranger;
  /** c > 0, before the confidence scale. */
  readonly weight: number;
}

export interface LiveItem {
  /** Its prior f(x): k values. */
  readonly prior: Float32Array;
  /** By the blocks that it lacks (`confidenceInPriors`). */
  readonly confidenceInPrior: number;
  readonly meetings: readonly Meeting[];
  /** t in [0, 1]: the share of all interactions that came since the item was there. */
  readonly share: number;
}

export interface ItemSolver {
  /** The posterior of some items, one row each. */
  solve(items: readonly LiveItem[], context?: BackendContext): Promise<Posterior>;
  /** Factors of the items in plain ALS: one row each, zeros where nobody met them. */
  solvePlain(items: readonly LiveItem[], context?: BackendContext): Promise<Matrix>;
  /** Factors of somebody who is not in the training data, from a row over its items. */
  stranger(row: Interactions, context?: BackendContext): Promise<Stranger>;
}

type SolverModel = Pick<HybridModel, "als" | "embeddings" | "lift" | "settings">;

/** `exposure` is the option of the embeddings; `trainedRow` gives a served vector as training left it, where items move in place. */
export function createItemSolver(
  model: SolverModel,
  itemSolve: ItemSolve,
  exposure: number,
  trainedRow: (row: number) => Float32Array = (row) => rowOf(model.embeddings.vectors, row),
): ItemSolver {
  const { als, embeddings, lift, settings } = model;
  const { options } = als;
  const { gram, dimensionPrecision } = itemSolve;
  const unlifted = (served: Matrix, support: Uint32Array): Matrix =>
    liftRows(columnRange(served, 0, embeddings.rank), -lift.factors, support);
  const trained = (rows: Uint32Array): Matrix =>
    unlifted(
      stacked(Array.from(rows, trainedRow)),
      rows.map((row) => embeddings.support[row]),
    );
  const trainedGram = once(() => defaultBackend().gram(unlifted(embeddings.vectors, embeddings.support)));
  const count = als.itemFactors.rows;
  const plain = (rows: Uint32Array): Matrix => takeRows(als.itemFactors, rows);
  const plainGram = once(() => defaultBackend().gram(als.itemFactors));
  return {
    solvePlain: (items, context) => {
      const { userFactors, rows } = gatheredMeetings(als.userFactors, items, ({ plain: own }) => own);
      const scaled = scaleConfidence(rows, options.confidenceScale);
      const regularization = rowRegularization({ ...scaled, columns: als.userFactors.rows }, options);
      const sweep = { rows: { rows: scaled, regularization }, factors: userFactors, gram: als.gram };
      return solveHalfSweep(sweep, options, context);
    },
    solve: (items, context) => {
      const { userFactors, rows } = gatheredMeetings(itemSolve.userFactors, items, ({ served }) => served);
      const asked = {
        als: { userFactors, gram, options },
        rows: scaleConfidence(rows, options.confidenceScale),
        users: itemSolve.userFactors.rows,
        prior: stacked(items.map(({ prior }) => prior)),
        dimensionPrecision,
        confidenceInPrior: Float64Array.from(items, ({ confidenceInPrior }) => confidenceInPrior),
        exposure: Float64Array.from(items, ({ meetings: { length }, share }) =>
          length === 0 ? 0 : (share * length) / (length + exposure),
        ),
      };
      return posteriorOf(asked, settings, context);
    },
    stranger: async (row, context) => ({
      served: await factorsOf(row, { count, take: trained, gram: await trainedGram() }, options, context),
      plain: await factorsOf(row, { count, take: plain, gram: await plainGram() }, options, context),
    }),
  };
}

/** Items as training left them: a few rows of them, and the Gram of all. */
interface FixedItems {
  readonly count: number;
  take(rows: Uint32Array): Matrix;
  readonly gram: Matrix<Float64Array>;
}

/** Of one person, against the items that training knew; zeros without any of them. */
async function factorsOf(
  row: Interactions,
  { count, take, gram }: FixedItems,
  options: HalfSweepOptions,
  context: BackendContext | undefined,
): Promise<Float32Array> {
  const known = Array.from(row.indices.keys()).filter((p) => row.indices[p] < count);
  if (known.length === 0) return new Float32Array(gram.columns);
  const own = {
    rows: 1,
    columns: known.length,
    indptr: Uint32Array.of(0, known.length),
    indices: Uint32Array.from(known.keys()),
    values: Float32Array.from(known, (p) => row.values[p]),
  };
  const gathered = take(Uint32Array.from(known, (p) => row.indices[p]));
  const rows = scaleConfidence(own, options.confidenceScale);
  const regularization = rowRegularization({ ...rows, columns: count }, options);
  const sweep = { rows: { rows, regularization }, factors: gathered, gram };
  return (await solveHalfSweep(sweep, options, context)).values;
}

/** A served vector at another support: the lift of both parts follows. `vector` is k + channel values. */
export function liftedAgain(
  vector: Float32Array,
  factors: Float32Array,
  { lift }: Pick<HybridModel, "lift">,
  { before, after }: { readonly before: number; readonly after: number },
): Float32Array {
  const channel = liftAt(lift.content, after) / liftAt(lift.content, before);
  const own = liftAt(lift.factors, after);
  return vector.map((value, d) => (d < factors.length ? factors[d] * own : value * channel));
}

/** The factors of all who met any of the items, and the items' rows over them. Those whose factors are zeros say nothing. */
function gatheredMeetings(
  trained: Matrix,
  items: readonly LiveItem[],
  factorsOfStranger: (stranger: Stranger) => Float32Array,
): { readonly userFactors: Matrix; readonly rows: SparseMatrix } {
  const factors: Float32Array[] = [];
  const values: number[] = [];
  const indptr = Uint32Array.from([0, ...items.map(() => 0)]);
  for (const [i, { meetings }] of items.entries()) {
    for (const { user, weight } of meetings) {
      factors.push(typeof user === "number" ? rowOf(trained, user) : factorsOfStranger(user));
      values.push(weight);
    }
    indptr[i + 1] = factors.length;
  }
  const columns = factors.length;
  const indices = Uint32Array.from(factors.keys());
  const userFactors = columns === 0 ? takeRows(trained, [0]) : stacked(factors);
  return {
    userFactors,
    rows: { rows: items.length, columns: userFactors.rows, indptr, indices, values: Float32Array.from(values) },
  };
}

function stacked(rows: readonly Float32Array[]): Matrix {
  const columns = rows[0].length;
  const values = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) values.set(row, i * columns);
  return { rows: rows.length, columns, values };
}
