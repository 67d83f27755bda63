/** Memory for a matrix that is made again and again. */
import { expect, it } from "vitest";
import { isShared } from "../../src/math/compute/shared-memory.ts";
import { createMatrixRoom } from "../../src/math/matrix-room.ts";

it("gives the same shared memory as long as it is large enough", () => {
  const room = createMatrixRoom();
  const { buffer } = room(3, 4).values;
  expect(room(3, 4).values.buffer).toBe(buffer);
  expect(room(2, 5).values.buffer).toBe(buffer);
  expect(room(5, 3).values.buffer).not.toBe(buffer);
});

it("gives matrices of the shape that is asked for", () => {
  const room = createMatrixRoom();
  for (const [rows, columns] of [
    [3, 4],
    [0, 7],
    [2, 2],
  ]) {
    const matrix = room(rows, columns);
    expect(matrix).toMatchObject({ rows, columns });
    expect(matrix.values).toHaveLength(rows * columns);
    expect(isShared(matrix.values)).toBe(true);
  }
});
