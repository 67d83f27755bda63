/** What is particular to the native kernel: its choice, its absence, its training solver at size, cancellation. */
import { describe, expect, it, type TestContext } from "vitest";
import { type ComputeBackend, chooseBackend } from "../../../src/math/compute/backend.ts";
import { currentAddon, loadNativeAddon, type NativeAddon } from "../../../src/math/compute/native/native-addon.ts";
import { createNativeBackend } from "../../../src/math/compute/native/native-backend.ts";
import { createReferenceBackend } from "../../../src/math/compute/reference/reference-backend.ts";
import { shared } from "../../../src/math/compute/shared-memory.ts";
import { type Matrix, type SparseMatrix, transposeSparse } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { randomMatrix, randomSparse } from "../../helpers/matrices.ts";

const loaded = loadNativeAddon();
const absent = { addon: undefined, cause: new Error("no such file") };

describe("the choice of a kernel", () => {
  it("takes the reference where the compiled one is absent, and warns", () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on("warning", listen);
    expect(chooseBackend(undefined, absent).name).toBe("reference");
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      process.off("warning", listen);
      expect(warnings.join()).toContain("TypeScript kernel");
    });
  });

  it("takes the reference when told to, silently", () => {
    expect(chooseBackend("reference", loaded).name).toBe("reference");
  });

  it("refuses the native one where it is absent, with the remedy", () => {
    expect(() => chooseBackend("native", absent)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringContaining("npm rebuild tailrec") }),
    );
  });

  it("counts a binary of other sources as absent, and says which", (context) => {
    const { addon } = skipUnlessBuilt(context);
    expect(currentAddon(addon, addon.sources)).toEqual({ addon });
    for (const earlier of [addon, { ...addon, sources: undefined } as unknown as NativeAddon]) {
      const { cause } = currentAddon(earlier, "0123456789abcdef") as { cause: Error };
      expect(cause.message).toContain("not of 0123456789abcdef");
    }
  });

  it("refuses an unknown name", () => {
    expect(() => chooseBackend("fortran", loaded)).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
  });

  it.each([0, -1, 0.5, Number.NaN, 1e9])("refuses %d threads", (threads) => {
    for (const create of [createReferenceBackend, ...(loaded.addon ? [createNativeBackend] : [])]) {
      expect(() => create({ threads })).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
    }
  });

  it("refuses an instruction set that the processor lacks", (context) => {
    skipUnlessBuilt(context);
    expect(() => createNativeBackend({ instructionSet: "mmx" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTIONS", message: expect.stringContaining("baseline") }),
    );
  });
});

describe("the native kernel", () => {
  it.each([1, 7, 33, 130])("gives the reference's row solutions at rank %i", async (rank) => {
    const systems = await example(createReferenceBackend({ threads: 2 }), rank);
    const expected = await createReferenceBackend({ threads: 2 }).solveRows(systems);
    for (const instructionSet of loaded.addon?.instructionSets ?? []) {
      const solution = await createNativeBackend({ instructionSet }, loaded).solveRows(systems);
      for (let p = 0; p < expected.values.length; p++) expect(solution.values[p]).toBeCloseTo(expected.values[p], 4);
    }
  });

  it("reads arrays in shared memory and views into larger buffers", async (context) => {
    skipUnlessBuilt(context);
    const backend = createNativeBackend();
    const a = randomMatrix(createRandom(1), 30, 6);
    const within = new Float32Array(200);
    within.set(a.values, 11);
    const expected = await backend.multiplyTransposed(a, a);
    const inShared = { ...a, values: shared(a.values) };
    expect(await backend.multiplyTransposed(inShared, { ...a, values: within.subarray(11, 191) })).toEqual(expected);
  });

  it("fits as well by three steps a sweep as by exact solves", async (context) => {
    skipUnlessBuilt(context);
    const backend = createNativeBackend();
    const rows = randomSparse(createRandom(4), 400, 150, 30);
    const [stepped, exact] = [await train(backend, rows, "cg"), await train(backend, rows, "exact")];
    expect(Math.abs(stepped / exact - 1)).toBeLessThan(2e-4);
  });

  it("never raises the loss of a sweep, whatever the start", async (context) => {
    skipUnlessBuilt(context);
    const backend = createNativeBackend();
    const systems = { ...(await example(backend, 24)), prior: undefined, exposure: undefined };
    let start = randomMatrix(createRandom(9), systems.rows.rows, 24);
    let loss = rowLoss(systems, start);
    for (let sweep = 0; sweep < 5; sweep++) {
      start = await backend.solveRows({ ...systems, solver: "cg", steps: 1, start });
      const next = rowLoss(systems, start);
      expect(next).toBeLessThanOrEqual(loss * (1 + 1e-6));
      loss = next;
    }
  });

  it("refuses a record whose arrays are not of the lengths it names, before anything runs", (context) => {
    const { addon } = skipUnlessBuilt(context);
    const engine = new addon.Engine(1, addon.instructionSets[0]);
    const sizes = { rows: 2, columns: 2, depth: 3 };
    const request = { ...sizes, a: new Float32Array(6), b: new Float32Array(6), out: new Float32Array(3) };
    const call = (changes: object) => () => engine.multiply({ ...request, ...changes });
    expect(call({})).toThrow("expected out of 4 numbers");
    expect(call({ out: new Float64Array(4) })).toThrow("expected out of 4 numbers");
    expect(call({ out: undefined })).toThrow("expected an array out");
    expect(call({ out: [0, 0, 0, 0] })).toThrow("expected an array out");
    for (const rows of [-2, 0.5, Number.NaN, 2 ** 31, "2"]) expect(call({ rows })).toThrow("expected a");
  });

  it("runs jobs that are asked for at the same time", async (context) => {
    skipUnlessBuilt(context);
    const backend = createNativeBackend();
    const matrices = Array.from({ length: 8 }, (_, seed) => randomMatrix(createRandom(seed + 1), 50, 5));
    const together = await Promise.all(matrices.map((matrix) => backend.gram(matrix)));
    for (const [i, matrix] of matrices.entries()) expect(together[i]).toEqual(await backend.gram(matrix));
  });
});

function skipUnlessBuilt(context: TestContext): { readonly addon: NativeAddon } {
  if (loaded.addon === undefined) context.skip("the compiled kernel is not built here");
  return loaded;
}

async function example(backend: ComputeBackend, rank: number, rows = 60) {
  const random = createRandom(17);
  const factors = randomMatrix(random, 300, rank);
  return {
    factors,
    gram: await backend.gram(factors),
    rows: randomSparse(random, rows, 300, 200),
    unobservedWeight: 0.1,
    rowPrecision: Float64Array.from({ length: rows }, () => 1 + random.next()),
    prior: randomMatrix(random, rows, rank),
    exposure: Float64Array.from({ length: rows }, () => 0.1 + 0.9 * random.next()),
  };
}

/** The loss of a few alternations of rank 8, in float64. */
async function train(backend: ComputeBackend, rows: SparseMatrix, solver: "cg" | "exact"): Promise<number> {
  const columns = transposeSparse(rows);
  let items = randomMatrix(createRandom(2), rows.columns, 8);
  let users: Matrix | undefined;
  for (let epoch = 0; epoch < 8; epoch++) {
    users = await solve(rows, items, users);
    items = await solve(columns, users, items);
  }
  return users === undefined
    ? Number.NaN
    : rowLoss({ ...systemsOf(rows, items), gram: await backend.gram(items) }, users);

  async function solve(sparse: SparseMatrix, factors: Matrix, start: Matrix | undefined): Promise<Matrix> {
    return backend.solveRows({ ...systemsOf(sparse, factors), gram: await backend.gram(factors), solver, start });
  }
}

function systemsOf(rows: SparseMatrix, factors: Matrix) {
  return { rows, factors, unobservedWeight: 0.1, rowPrecision: new Float64Array(rows.rows).fill(1) };
}

interface LossInput {
  readonly rows: SparseMatrix;
  readonly factors: Matrix;
  readonly gram: Matrix<Float64Array>;
  readonly unobservedWeight: number;
  readonly rowPrecision: ArrayLike<number>;
}

/** sum_i [sum_u c (1 - w h)^2 + a0 h'Gh + l h'h] */
function rowLoss({ rows, factors, gram, unobservedWeight, rowPrecision }: LossInput, h: Matrix): number {
  const k = factors.columns;
  let loss = 0;
  for (let i = 0; i < rows.rows; i++) {
    const row = h.values.subarray(i * k, (i + 1) * k);
    for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
      const w = factors.values.subarray(rows.indices[p] * k, (rows.indices[p] + 1) * k);
      loss += rows.values[p] * (1 - row.reduce((sum, value, d) => sum + value * w[d], 0)) ** 2;
    }
    for (let d = 0; d < k; d++) {
      loss += rowPrecision[i] * row[d] ** 2;
      for (let s = 0; s < k; s++) loss += unobservedWeight * row[d] * row[s] * gram.values[d * k + s];
    }
  }
  return loss;
}
