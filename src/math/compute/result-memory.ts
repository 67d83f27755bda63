/**
 * Memory for results. A request may be sound and its result larger than the machine: then the request is refused, before the
 * system ends the process for want of memory.
 */
import { totalmem } from "node:os";
import { TailrecError } from "../../errors.ts";
import type { Matrix } from "../matrix.ts";
import { expectThat } from "./matrix-check.ts";

/** Bytes of this machine, or of the container that limits the process. */
const MEMORY = Math.min(totalmem(), process.constrainedMemory() || Infinity);

/** What `create` allocates; INVALID_ARGUMENT where so many bytes exceed the memory of the machine or of its container. */
export function allocate<A>(bytes: number, name: string, create: () => A): A {
  expectThat(bytes <= MEMORY, `${name} to fit the memory of ${MEMORY} bytes, received a request for ${bytes}`);
  try {
    return create();
  } catch (cause) {
    const message = `expected memory for ${bytes} bytes of ${name}, received none`;
    throw new TailrecError("INVALID_ARGUMENT", message, { cause });
  }
}

/** rows x columns zeros. */
export function newMatrix(rows: number, columns: number, name: string): Matrix {
  return { rows, columns, values: allocate(4 * rows * columns, name, () => new Float32Array(rows * columns)) };
}

export function newMatrix64(rows: number, columns: number, name: string): Matrix<Float64Array> {
  return { rows, columns, values: allocate(8 * rows * columns, name, () => new Float64Array(rows * columns)) };
}

/** Copies a result to where it was asked for; that array may have been transferred meanwhile. */
export function writeInto(into: Matrix, values: Float32Array | Float64Array, name: string): void {
  const { length } = into.values;
  expectThat(length === values.length, `${name} to keep its ${values.length} values until the end, received ${length}`);
  into.values.set(values);
}
