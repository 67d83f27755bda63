import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSafetensors,
  matrixNamed,
  safetensorsParts,
  type Tensor,
  tensorOf,
} from "../../../src/data/files/safetensors.ts";

const bytesOf = (...content: Parameters<typeof safetensorsParts>) => Buffer.concat(safetensorsParts(...content));

const values = fc.oneof(
  fc.float32Array({ maxLength: 12 }),
  fc.float64Array({ maxLength: 12 }),
  fc.uint32Array({ maxLength: 12 }),
  fc.int32Array({ maxLength: 12 }),
  fc.uint16Array({ maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }),
);
const tensor = values.map((v): Tensor => ({ shape: v.length % 2 === 0 ? [v.length / 2, 2] : [v.length], values: v }));
const names = fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__");
const tensors = fc.dictionary(names, tensor, { maxKeys: 6 });
// zod refuses the one key that could alter a prototype.
const keys = fc.string().filter((key) => key !== "__proto__");
const metadata = fc.dictionary(keys, fc.string(), { maxKeys: 4 });

/** A file with this header before `length` zero bytes. */
function fileWith(header: unknown, length: number): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, json, Buffer.alloc(length)]);
}

function unreadable(pattern: string) {
  return expect.objectContaining({ code: "UNREADABLE_INPUT", message: expect.stringContaining(pattern) });
}

describe("safetensors", () => {
  it("has the bytes of the published format", () => {
    const bytes = Buffer.from(bytesOf({ a: { shape: [2], values: Uint8Array.of(7, 9) } }, { k: "v" }));
    const header = '{"__metadata__":{"k":"v"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
    const padded = Math.ceil(header.length / 8) * 8;
    expect(bytes.readBigUInt64LE()).toBe(BigInt(padded));
    expect(bytes.toString("utf8", 8, 8 + padded)).toBe(header.padEnd(padded));
    expect([...bytes.subarray(8 + padded)]).toEqual([7, 9]);
  });

  it("gives back all tensors and metadata, from any place in a buffer", () => {
    fc.assert(
      fc.property(tensors, metadata, fc.integer({ min: 0, max: 7 }), (content, notes, shift) => {
        const bytes = bytesOf(content, notes);
        const shifted = new Uint8Array(bytes.length + shift);
        shifted.set(bytes, shift);
        const decoded = decodeSafetensors(shifted.subarray(shift), "t.safetensors");
        expect(Object.entries(decoded.tensors).sort()).toEqual(Object.entries(content).sort());
        expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(notes).sort());
      }),
    );
  });

  it("aligns every tensor to its element width", () => {
    fc.assert(
      fc.property(tensors, (content) => {
        const bytes = Buffer.from(bytesOf(content));
        const length = Number(bytes.readBigUInt64LE());
        const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
        for (const [name, { values }] of Object.entries(content)) {
          expect((8 + length + header[name].data_offsets[0]) % values.BYTES_PER_ELEMENT).toBe(0);
        }
      }),
    );
  });

  it("gives the same bytes whatever the order of the keys", () => {
    const a: Tensor = { shape: [1], values: Float32Array.of(1) };
    const b: Tensor = { shape: [1], values: Float64Array.of(2) };
    expect(bytesOf({ a, b }, { x: "1", y: "2" })).toEqual(bytesOf({ b, a }, { y: "2", x: "1" }));
  });

  it("says UNREADABLE_INPUT for every truncation and for a byte too many", () => {
    const bytes = bytesOf({ a: { shape: [3], values: Float32Array.of(1, 2, 3) } });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length), "t.safetensors")).toThrow(unreadable("t.safetensors"));
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => decodeSafetensors(longer, "t.safetensors")).toThrow(unreadable(`offset ${bytes.length}`));
  });

  it.each([
    ["a gap", { a: { dtype: "U8", shape: [1], data_offsets: [1, 2] } }, 2, 'tensor "a": expected bytes 0 to 1'],
    [
      "an overlap",
      { a: { dtype: "U8", shape: [2], data_offsets: [0, 2] }, b: { dtype: "U8", shape: [1], data_offsets: [1, 2] } },
      2,
      'tensor "b": expected bytes 2 to 3',
    ],
    ["a wrong shape", { a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4, "expected bytes 0 to 8"],
    ["a range beyond the end", { a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 4, "the file at byte"],
    ["an unknown type", { a: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } }, 2, "dtype"],
    ["a negative size", { a: { dtype: "U8", shape: [-1, -1], data_offsets: [0, 1] } }, 1, "shape"],
    ["metadata that are not strings", { __metadata__: { a: 1 } }, 0, "metadata"],
    ["a header that is a list", [1], 0, "offset 8"],
  ])("refuses %s", (_title, header, length, pattern) => {
    expect(() => decodeSafetensors(fileWith(header, length), "t.safetensors")).toThrow(unreadable(pattern));
  });

  it("refuses to write a tensor whose shape does not fit its values", () => {
    expect(() => bytesOf({ a: { shape: [2, 2], values: new Float32Array(3) } })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });

  it("hands over matrices by name, and names what there is when one is missing", () => {
    const matrix = { rows: 2, columns: 1, values: Float32Array.of(1, 2) };
    const file = { tensors: { vectors: tensorOf(matrix) }, metadata: {} };
    expect(matrixNamed(file, "vectors", "t")).toEqual(matrix);
    expect(() => matrixNamed(file, "priors", "t")).toThrow(unreadable('"priors"; the file has vectors'));
  });
});
