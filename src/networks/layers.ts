/**
 * Layers of a network. Each takes a batch, a row an example, and gives its output with the way back by the chain rule: from
 * d loss / d output to d loss / d input. What the loss is to parameters is added to their gradients on the way.
 */
import type { ComputeBackend } from "../math/compute/backend.ts";
import { transpose } from "../math/linear-map.ts";
import { addTo, type Matrix, rowOf, type SparseMatrix, zeros } from "../math/matrix.ts";
import { createMatrixRoom } from "../math/matrix-room.ts";
import type { Parameter } from "./parameter.ts";

export interface Applied {
  readonly output: Matrix;
  /** d loss / d input, from d loss / d output. To be called once; one way back at a time, since a layer's memory is used again. */
  readonly backward: (gradient: Matrix) => Promise<Matrix>;
}

export type Layer = (input: Matrix) => Promise<Applied>;

/** What a layer made of input from outside: nobody asks what the loss is to that. */
export interface InputApplied {
  readonly output: Matrix;
  /** Adds the gradients of the parameters, from d loss / d output. To be called once. */
  readonly backward: (gradient: Matrix) => Promise<void>;
}

export type InputLayer = (input: Matrix) => Promise<InputApplied>;

/** Y = X W' + b, with W outputs x inputs and b 1 x outputs. */
export function denseLayer(weight: Parameter, bias: Parameter, backend: ComputeBackend): Layer {
  const [apply, room] = [affine(weight, bias, backend), createMatrixRoom()];
  return async (input) => {
    const { output, learn } = await apply(input);
    const backward = async (gradient: Matrix): Promise<Matrix> => {
      const { rows, columns } = weight.matrix;
      const back = backend.multiplyTransposed(gradient, transpose(weight.matrix, room(columns, rows)));
      return (await Promise.all([back, learn(gradient)]))[0];
    };
    return { output, backward };
  };
}

/** The same for input from outside: there is no way back to X, which would be half of the cost. */
export function inputLayer(weight: Parameter, bias: Parameter, backend: ComputeBackend): InputLayer {
  const apply = affine(weight, bias, backend);
  return async (input) => {
    const { output, learn } = await apply(input);
    return { output, backward: learn };
  };
}

/** X W' + b, and what adds the gradients of W and b. */
function affine(weight: Parameter, bias: Parameter, backend: ComputeBackend) {
  const [gradients, inputs] = [createMatrixRoom(), createMatrixRoom()];
  return async (input: Matrix) => {
    const output = addRow(await backend.multiplyTransposed(input, weight.matrix), bias.matrix.values);
    const learn = async (gradient: Matrix): Promise<void> => {
      // Products sum over their last dimension, here over the batch.
      const [left, right] = [gradients(gradient.columns, gradient.rows), inputs(input.columns, input.rows)];
      const product = backend.multiplyTransposed(transpose(gradient, left), transpose(input, right));
      addColumnSums(gradient, bias.gradient);
      addTo(weight.gradient, (await product).values);
    };
    return { output, learn };
  };
}

/** Y = X W + b of sparse rows, with W inputs x outputs: sums of the rows of a table. There is no way back to X. */
export async function sparseLayer(
  input: SparseMatrix,
  table: Parameter,
  bias: Parameter | undefined,
  backend: ComputeBackend,
): Promise<InputApplied> {
  const sums = await backend.multiplySparse(input, table.matrix);
  const backward = async (gradient: Matrix): Promise<void> => {
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
    const output = zeros(input.rows, input.columns);
    const { values: y } = output;
    for (let p = 0; p < y.length; p++) y[p] = Math.tanh(input.values[p]);
    const backward = async (gradient: Matrix): Promise<Matrix> => {
      const back = zeros(gradient.rows, gradient.columns);
      for (let p = 0; p < y.length; p++) back.values[p] = gradient.values[p] * (1 - y[p] ** 2);
      return back;
    };
    return { output, backward };
  };
}

export function reluLayer(): Layer {
  return async (input) => {
    const output = zeros(input.rows, input.columns);
    const { values: y } = output;
    for (let p = 0; p < y.length; p++) y[p] = Math.max(0, input.values[p]);
    const backward = async (gradient: Matrix): Promise<Matrix> => {
      const back = zeros(gradient.rows, gradient.columns);
      for (let p = 0; p < y.length; p++) if (y[p] > 0) back.values[p] = gradient.values[p];
      return back;
    };
    return { output, backward };
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

/** An input layer, and the layer behind it. */
export function entered(first: InputLayer, rest: Layer): InputLayer {
  return async (input) => {
    const outer = await first(input);
    const inner = await rest(outer.output);
    const backward = async (gradient: Matrix): Promise<void> => outer.backward(await inner.backward(gradient));
    return { output: inner.output, backward };
  };
}

/** Adds `row` to every row, in place. */
function addRow(matrix: Matrix, row: Float32Array): Matrix {
  for (let i = 0; i < matrix.rows; i++) addTo(rowOf(matrix, i), row);
  return matrix;
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
