/** A safetensors file that stays on the disk: its header is read once, tensors and single rows of them when they are asked for. */
import { TailrecError } from "../../errors.ts";
import { sharedBytesWithRoom } from "../../math/compute/shared-memory.ts";
import type { Matrix } from "../../math/matrix.ts";
import { decodeSafetensors, type Safetensors, valuesOf } from "./safetensors.ts";
import { readHeader } from "./safetensors-header.ts";
import type { StoredFile } from "./stored-file.ts";

export interface StoredTensors {
  all(): Safetensors;
  /** The same in shared memory, matrices with room behind them for an eighth more rows. */
  withRoom(): Safetensors;
  /** Row i of a float32 matrix. UNREADABLE_INPUT where there is no such matrix. */
  rowsOf(tensor: string): (row: number) => Float32Array;
  /** The whole of it; likewise. */
  matrix(tensor: string): Matrix;
}

/** Room for one more row in so many, and for so many at least. */
const GROWTH = 8;
const LEAST_ROOM = 256;

/** `name` names the file in messages. UNREADABLE_INPUT on a header that is none. */
export function openTensors(file: StoredFile, name: string): StoredTensors {
  const { entries, metadata, start } = readHeader(readHead(file), name, file.size);
  const placed = new Map(entries);
  const values = (tensor: string) => {
    const entry = placed.get(tensor);
    if (entry?.dtype === "F32" && entry.shape.length === 2) return entry;
    const known = [...placed.keys()].join(", ");
    throw new TailrecError("UNREADABLE_INPUT", `${name}: expected a float32 matrix "${tensor}"; the file has ${known}`);
  };
  const numbers = (offset: number, count: number) => new Float32Array(file.read(offset, 4 * count).buffer);
  return {
    all: () => decodeSafetensors(file.read(0, file.size), name),
    withRoom: () => {
      const tensors = entries.map(([tensor, { dtype, shape, data_offsets }]) => {
        const [begin, end] = data_offsets;
        const room = shape.length === 2 ? Math.max(LEAST_ROOM * shape[1] * 4, Math.floor((end - begin) / GROWTH)) : 0;
        const bytes = sharedBytesWithRoom(end - begin, room);
        file.readInto(bytes, start + begin);
        return [tensor, { shape, values: valuesOf(dtype, bytes) }] as const;
      });
      return { tensors: Object.fromEntries(tensors), metadata };
    },
    rowsOf: (tensor) => {
      const { shape, data_offsets } = values(tensor);
      const columns = shape[1];
      return (row) => numbers(start + data_offsets[0] + 4 * columns * row, columns);
    },
    matrix: (tensor) => {
      const { shape, data_offsets } = values(tensor);
      return { rows: shape[0], columns: shape[1], values: numbers(start + data_offsets[0], shape[0] * shape[1]) };
    },
  };
}

/** Its length, and the header of that length. */
function readHead(file: StoredFile): Uint8Array {
  const length = file.size < 8 ? 0 : Number(Buffer.from(file.read(0, 8)).readBigUInt64LE());
  return file.read(0, Math.min(file.size, 8 + length));
}
