/** Shared copies: same type, same values, and no copy of what is shared already. */
import { describe, expect, it } from "vitest";
import {
  shared,
  sharedFloat32,
  sharedFloat64,
  sharedInt32,
  sharedMatrix,
  sharedOnce,
} from "../../../src/math/compute/shared-memory.ts";

describe("shared", () => {
  it.each([
    [Float32Array.of(1.5, Number.NaN)],
    [Float64Array.of(0.1, -0)],
    [Uint32Array.of(2 ** 32 - 1)],
    [Int32Array.of(-5, 3)],
    [Uint8Array.of(0, 255, 7)],
    [new Float32Array(0)],
  ])("copies %o into shared memory, type and values kept", (array) => {
    const copy = shared(array);
    expect(copy).toEqual(array);
    expect(copy.constructor).toBe(array.constructor);
    expect(copy.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(array.buffer).not.toBeInstanceOf(SharedArrayBuffer);
  });

  it("copies the part that a view shows, not the buffer behind it", () => {
    const copy = shared(Float64Array.of(1, 2, 3, 4).subarray(1, 3));
    expect([copy.length, copy.buffer.byteLength, ...copy]).toEqual([2, 16, 2, 3]);
  });

  it("gives an array that is shared already back as it is", () => {
    const array = sharedFloat32(3);
    expect(shared(array)).toBe(array);
    const matrix = { rows: 1, columns: 3, values: Float32Array.of(1, 2, 3) };
    const once = sharedMatrix(matrix);
    expect(once).toEqual(matrix);
    expect(sharedMatrix(once).values).toBe(once.values);
  });

  it("copies a matrix once for all who ask", () => {
    const matrix = { rows: 1, columns: 2, values: Float32Array.of(1, 2) };
    expect(sharedOnce(matrix)).toEqual(matrix);
    expect(sharedOnce(matrix)).toBe(sharedOnce(matrix));
    expect(sharedOnce({ ...matrix })).not.toBe(sharedOnce(matrix));
  });

  it("allocates zeros of the asked length", () => {
    for (const array of [sharedFloat32(4), sharedFloat64(4), sharedInt32(4)]) expect([...array]).toEqual([0, 0, 0, 0]);
  });
});
