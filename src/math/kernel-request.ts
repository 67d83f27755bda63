/** Checks of what a kernel is asked, before any thread or native code sees it. Errors are INVALID_ARGUMENT and name the row. */
import { TailrecError } from "../errors.ts";
import type { RowSystems, TopKRequest } from "./kernel.ts";
import type { Matrix, SparseMatrix } from "./matrix.ts";

export function checkRowSystems(systems: RowSystems): void {
  const { factors, gram, rows, prior } = systems;
  const k = factors.columns;
  expectThat(k > 0, `rank of at least 1, received ${k}`);
  expectThat(gram.rows === k && gram.columns === k, `a ${k} x ${k} gram, received ${gram.rows} x ${gram.columns}`);
  expectThat(rows.columns === factors.rows, `${factors.rows} columns of interactions, received ${rows.columns}`);
  expectThat(systems.unobservedWeight >= 0, `unobservedWeight >= 0, received ${systems.unobservedWeight}`);
  checkFinite(factors, "factors");
  checkSparse(rows);
  checkVector(systems.rowPrecision, rows.rows, "rowPrecision", (value) => value > 0 && value < Infinity);
  checkVector(systems.dimensionPrecision, k, "dimensionPrecision", (value) => value > 0 && value < Infinity);
  checkVector(systems.exposure, rows.rows, "exposure", (value) => value >= 0 && value <= 1);
  if (prior === undefined) return;
  expectThat(
    prior.rows === rows.rows && prior.columns === k,
    `a ${rows.rows} x ${k} prior, received ${prior.rows} x ${prior.columns}`,
  );
  checkFinite(prior, "prior");
}

export function checkTopKRequest({ queries, items, count, exclude, allow, itemScale }: TopKRequest): void {
  expectThat(queries.columns === items.columns, `queries of dimension ${items.columns}, received ${queries.columns}`);
  expectThat(Number.isInteger(count) && count > 0, `a whole count of at least 1, received ${count}`);
  checkFinite(queries, "queries");
  if (exclude)
    expectThat(exclude.rows === queries.rows, `exclusions for ${queries.rows} queries, received ${exclude.rows}`);
  if (allow) expectThat(allow.length === items.rows, `${items.rows} allow flags, received ${allow.length}`);
  if (itemScale) expectThat(itemScale.length === items.rows, `${items.rows} item scales, received ${itemScale.length}`);
}

function checkSparse({ rows, columns, indptr, indices, values }: SparseMatrix): void {
  expectThat(indptr.length === rows + 1, `${rows + 1} row offsets, received ${indptr.length}`);
  expectThat(indices.length === values.length, `${indices.length} weights, received ${values.length}`);
  expectThat(indptr[rows] === indices.length, `row offsets to end at ${indices.length}, received ${indptr[rows]}`);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) {
      if (!(values[p] > 0 && values[p] < Infinity))
        throw invalid(`a positive finite weight in row ${i}, received ${values[p]}`);
      if (indices[p] >= columns) throw invalid(`an index below ${columns} in row ${i}, received ${indices[p]}`);
    }
  }
}

function checkFinite(matrix: Matrix, name: string): void {
  expectThat(
    matrix.values.length === matrix.rows * matrix.columns,
    `${matrix.rows * matrix.columns} values of ${name}, received ${matrix.values.length}`,
  );
  const bad = matrix.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw invalid(`finite ${name}, received ${matrix.values[bad]} in row ${Math.floor(bad / matrix.columns)}`);
}

function checkVector(
  values: ArrayLike<number> | undefined,
  length: number,
  name: string,
  ok: (value: number) => boolean,
): void {
  if (values === undefined) return;
  expectThat(values.length === length, `${length} values of ${name}, received ${values.length}`);
  for (let i = 0; i < length; i++)
    if (!ok(values[i])) throw invalid(`${name} in its range, received ${values[i]} in row ${i}`);
}

function expectThat(condition: boolean, expectation: string): void {
  if (!condition) throw invalid(expectation);
}

function invalid(expectation: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", `expected ${expectation}`);
}
