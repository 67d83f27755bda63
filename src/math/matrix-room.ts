/**
 * Memory for a matrix that is made again and again, one after the other: trials of a search each need one, and none of them keeps it.
 * V8 collects garbage for so many bytes of arrays; without a room most of its collections were for such matrices.
 */
import { sharedFloat32 } from "./compute/shared-memory.ts";
import type { Matrix } from "./matrix.ts";

/** A matrix of the shape with whatever numbers; it stands until the room is asked again. */
export type MatrixRoom = (rows: number, columns: number) => Matrix;

/** Gives the same shared memory as long as it is large enough. */
export function createMatrixRoom(): MatrixRoom {
  let room = sharedFloat32(0);
  return (rows, columns) => {
    const length = rows * columns;
    if (room.length < length) room = sharedFloat32(length);
    return { rows, columns, values: room.subarray(0, length) };
  };
}
