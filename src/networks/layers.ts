/**
 * Layers of a network. Each takes a batch, a row an example, and gives its output with the way back by the chain rule: from
 * d loss / d output to d loss / d input. What the loss is to parameters is added to their gradients on the way.
 */
import type { ComputeBackend } from "../math/compute/backend.ts";
import { transpose } from "../math/linear-map.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import type { Parameter } from "./parameter.ts";

export interface Applied {
  readonly output: Matrix;
  /** d loss / d input, from d loss / d output. To be called once. */
  readonly backward: (gradient: Matrix) => Promise<Matrix>;
}

export type Layer = (input: Matrix) => Promise<Applied>;

/** Y = X W' + b, with W outputs x inputs and b 1 x outputs. */
export function denseLayer(weight: Parameter, bias: Parameter, backend: ComputeBackend): Layer {
  return async (input) => {
    const output = addRow(await backend.multiplyTransposed(input, weight.matrix), bias.matrix.values);
    const backward = async (gradient: Matrix): Promise<Matrix> => {
      // Products sum over their last dimension, here over the batch.
      addTo(weight.gradient, (await backend.multiplyTransposed(transpose(gradient), transpose(input))).values);
      addColumnSums(gradient, bias.gradient);
      return backend.multiplyTransposed(gradient, transpose(weight.matrix));
    };
    return { output, backward };
  };
}

/** Y = X W + b of sparse rows, with W inputs x outputs: sums of the rows of a table. There is no way back to X. */
export async function sparseLayer(
  input: SparseMatrix,
  table: Parameter,
  bias: Parameter | undefined,
  backend: ComputeBackend,
): Promise<{ readonly output: Matrix; readonly backward: (gradient: Matrix) => void }> {
  const sums = await backend.multiplySparse(input, table.matrix);
  const backward = (gradient: Matrix): void => {
    if (bias !== undefined) addColumnSums(gradient, bias.gradient);
    addScaledRows(input, gradient, table.gradient);
  };
  return { output: bias === undefined ? sums : addRow(sums, bias.matrix.values), backward };
}

/** A row an id, with one value at it: what a table gives one of its rows for. */
export function idRows(
  ids: Uint32Array,
  columns: number,
  values: Float32Array = new Float32Array(ids.length).fill(1),
): SparseMatrix {
  const indptr = Uint32Array.from({ length: ids.length + 1 }, (_, i) => i);
  return { rows: ids.length, columns, indptr, indices: ids, values };
}

export function tanhLayer(): Layer {
  return async (input) => {
    const output = { ...input, values: input.values.map(Math.tanh) };
    return { output, backward: async (gradient) => scaled(gradient, (p) => 1 - output.values[p] ** 2) };
  };
}

export function reluLayer(): Layer {
  return async (input) => {
    const output = { ...input, values: input.values.map((value) => Math.max(0, value)) };
    return { output, backward: async (gradient) => scaled(gradient, (p) => Number(output.values[p] > 0)) };
  };
}

/** One layer after the other. */
export function sequence(layers: readonly Layer[]): Layer {
  return async (input) => {
    const passed: Applied[] = [];
    for (const layer of layers) passed.push(await layer(passed.at(-1)?.output ?? input));
    const backward = async (gradient: Matrix): Promise<Matrix> => {
      let back = gradient;
      for (const { backward: through } of [...passed].reverse()) back = await through(back);
      return back;
    };
    return { output: passed.at(-1)?.output ?? input, backward };
  };
}

/** Adds `row` to every row, in place. */
function addRow(matrix: Matrix, row: Float32Array): Matrix {
  for (let i = 0; i < matrix.rows; i++) addTo(rowOf(matrix, i), row);
  return matrix;
}

function addTo(sums: Float32Array, values: Float32Array): void {
  for (let p = 0; p < sums.length; p++) sums[p] += values[p];
}

function addColumnSums(matrix: Matrix, sums: Float32Array): void {
  for (let i = 0; i < matrix.rows; i++) addTo(sums, rowOf(matrix, i));
}

/** table += X' G. */
function addScaledRows({ rows, indptr, indices, values }: SparseMatrix, gradient: Matrix, table: Float32Array): void {
  const width = gradient.columns;
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) {
      const [from, to, factor] = [i * width, indices[p] * width, values[p]];
      for (let d = 0; d < width; d++) table[to + d] += factor * gradient.values[from + d];
    }
  }
}

function scaled(matrix: Matrix, factorAt: (place: number) => number): Matrix {
  return { ...matrix, values: matrix.values.map((value, p) => value * factorAt(p)) };
}
