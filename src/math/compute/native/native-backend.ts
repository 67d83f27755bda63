/**
 * The backend in C++ (native/): the same jobs as the reference, checked by the same code, several times faster.
 * Results are float32 products, and row solves of float64 Cholesky factors, whatever the instruction set.
 */
import { availableParallelism } from "node:os";
import { TailrecError } from "../../../errors.ts";
import type { Matrix } from "../../matrix.ts";
import type { ComputeBackend, RbfRequest, ResampleRequest } from "../compute-backend.ts";
import { checkEigen, checkProduct, checkRbf, checkResample } from "../request-check.ts";
import { newMatrix, newMatrix64 } from "../result-memory.ts";
import { checkThreads } from "../threads.ts";
import { type LoadedAddon, loadNativeAddon, type NativeAddon } from "./native-addon.ts";
import { type NativeEngine, statusOf } from "./native-engine.ts";
import { eigenOf, gramOf, solveRows } from "./native-row-solve.ts";
import { factor, solveFactored, solveShifted } from "./native-shifted.ts";
import { multiplyBothSparse, multiplySparse, transpose } from "./native-sparse.ts";
import { topK, topKViews } from "./native-top-k.ts";

export interface NativeBackendOptions {
  /** Threads of one job; the machine's parallelism by default. */
  readonly threads?: number;
  /** One of the addon's `instructionSets`; the fastest by default. */
  readonly instructionSet?: string;
}

/** INVALID_OPTIONS when the addon is not there or does not load. */
export function createNativeBackend(
  options: NativeBackendOptions = {},
  loaded: LoadedAddon = loadNativeAddon(),
): ComputeBackend {
  if (loaded.addon === undefined) throw absent(loaded.cause);
  const engine = createEngine(loaded.addon, options);
  return {
    name: "native",
    solveRows: (systems, context = {}) => solveRows(engine, systems, context),
    multiplyTransposed: (a, b, into) => multiplyTransposed(engine, a, b, into),
    gram: (a, weights) => gramOf(engine, a, weights),
    topK: (request) => topK(engine, request),
    topKViews: (request) => topKViews(engine, request),
    transpose: (matrix) => transpose(engine, matrix),
    multiplySparse: (a, b, into) => multiplySparse(engine, a, b, into),
    multiplyBothSparse: (request) => multiplyBothSparse(engine, request),
    eigen: async (symmetric) => {
      checkEigen(symmetric);
      return eigenOf(engine, symmetric);
    },
    solveShifted: (a, b, shifts) => solveShifted(engine, a, b, shifts),
    factor: (a, shift) => factor(engine, a, shift),
    solveFactored: (kept, b) => solveFactored(engine, kept, b),
    addRbf: (request) => addRbf(engine, request),
    resample: (request) => resample(engine, request),
  };
}

function absent(cause: unknown): TailrecError {
  const remedy = "with a C++ compiler, make and Python installed, run `npm rebuild tailrec` (here: `npm run install`)";
  return new TailrecError("INVALID_OPTIONS", `expected a compiled kernel, found none that loads; ${remedy}`, { cause });
}

function createEngine({ instructionSets, Engine }: NativeAddon, options: NativeBackendOptions): NativeEngine {
  const { threads = availableParallelism(), instructionSet = instructionSets[0] } = options;
  if (instructionSets.includes(instructionSet)) return new Engine(checkThreads(threads), instructionSet);
  const known = instructionSets.join(", ");
  throw new TailrecError("INVALID_OPTIONS", `expected an instruction set of ${known}, received ${instructionSet}`);
}

async function multiplyTransposed(engine: NativeEngine, a: Matrix, b: Matrix, into?: Matrix): Promise<Matrix> {
  checkProduct(a, b, into);
  const product = into ?? newMatrix(a.rows, b.rows, "the product");
  const shape = { rows: a.rows, columns: b.rows, depth: a.columns };
  await statusOf(() => engine.multiply({ ...shape, a: a.values, b: b.values, out: product.values }));
  return product;
}

async function addRbf(engine: NativeEngine, request: RbfRequest): Promise<void> {
  checkRbf(request);
  const { sums, products, productSums, ...rest } = request;
  const { rows, columns } = sums;
  const arrays = { sums: sums.values, products: products.values, productSums: productSums?.values };
  await statusOf(() => engine.addRbf({ ...rest, rows, columns, ...arrays }));
}

async function resample(engine: NativeEngine, request: ResampleRequest): Promise<Matrix<Float64Array>> {
  checkResample(request);
  const { series, resamples, seed } = request;
  const sums = newMatrix64(series.rows, resamples, "the sums");
  const shape = { series: series.rows, units: series.columns, resamples };
  await statusOf(() => engine.resample({ ...shape, seed: seed | 0, values: series.values, out: sums.values }));
  return sums;
}
