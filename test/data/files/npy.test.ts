import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNpy, decodeNpy64, npyParts } from "../../../src/data/files/npy.ts";
import type { Matrix } from "../../../src/math/matrix.ts";

const bytesOf = (...content: Parameters<typeof npyParts>) => Buffer.concat(npyParts(...content));

const matrices = fc
  .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }))
  .chain(([rows, columns]) =>
    fc
      .float32Array({ minLength: rows * columns, maxLength: rows * columns })
      .map((values): Matrix => ({ rows, columns, values })),
  );

const small: Matrix = { rows: 2, columns: 3, values: Float32Array.of(1, -2, 0.5, 0, 3, -0.25) };

describe("npy", () => {
  it("has the bytes of the published format 1.0", () => {
    const bytes = Buffer.from(bytesOf(small));
    expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    expect(bytes.readUInt16LE(8)).toBe(118);
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    expect(bytes.toString("latin1", 10, 128)).toBe(`${header.padEnd(117)}\n`);
    expect(bytes.length).toBe(128 + 24);
    expect(Array.from({ length: 6 }, (_, i) => bytes.readFloatLE(128 + 4 * i))).toEqual([...small.values]);
  });

  it("gives back every float32 matrix, infinities and NaN included, from any place in a buffer", () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 0, max: 3 }), (matrix, shift) => {
        const bytes = bytesOf(matrix);
        const shifted = new Uint8Array(bytes.length + shift);
        shifted.set(bytes, shift);
        expect(decodeNpy(shifted.subarray(shift), "m.npy")).toEqual(matrix);
      }),
    );
  });

  it.each([
    ["<f2", 2, decodeNpy],
    ["<f8", 8, decodeNpy64],
  ] as const)("reads %s, as numpy writes it, and no other size of number", (descr, size, decode) => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (1, 2), }`.padEnd(117);
    const data = Buffer.alloc(2 * size);
    if (size === 2) for (const [i, word] of [0x3c00, 0xc100].entries()) data.writeUInt16LE(word, 2 * i);
    else for (const [i, value] of [1, -2.5].entries()) data.writeDoubleLE(value, 8 * i);
    const length = Buffer.from([118, 0]);
    const bytes = Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(`${header}\n`), data]);
    const { rows, columns, values } = decode(bytes, "m.npy");
    expect([rows, columns, ...values]).toEqual([1, 2, 1, -2.5]);
    const other = size === 2 ? decodeNpy64 : decodeNpy;
    expect(() => other(bytes, "m.npy")).toThrow(expect.objectContaining({ code: "UNREADABLE_INPUT" }));
    expect(() => decode(bytes.subarray(0, bytes.length - 1), "m.npy")).toThrow(`expected ${128 + 2 * size} bytes`);
  });

  it("keeps the data at a multiple of 64 bytes however long the shape is", () => {
    const wide = { rows: 0, columns: 123_456_789, values: new Float32Array(0) };
    expect(bytesOf(wide).length % 64).toBe(0);
    expect(decodeNpy(bytesOf(wide), "wide.npy")).toEqual(wide);
  });

  it("says UNREADABLE_INPUT for every truncation", () => {
    const bytes = bytesOf(small);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeNpy(bytes.subarray(0, length), "m.npy")).toThrow(
        expect.objectContaining({ code: "UNREADABLE_INPUT", message: expect.stringContaining("m.npy") }),
      );
    }
  });

  it.each([
    ["'<f4'", "'<f8'"],
    ["False", "True "],
    ["(2, 3)", "(6,)  "],
  ])("refuses what it would misread: %s becomes %s", (from, to) => {
    const text = Buffer.from(bytesOf(small)).toString("latin1").replace(from, to);
    expect(() => decodeNpy(Buffer.from(text, "latin1"), "m.npy")).toThrow(/expected a two-dimensional/);
  });
});
