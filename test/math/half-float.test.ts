import { describe, expect, it } from "vitest";
import { floatsOfHalves, halvesOfFloats } from "../../src/math/half-float.ts";

const words = Uint16Array.from({ length: 1 << 16 }, (_, word) => word);
const values = floatsOfHalves(words);

/** Finite and not negative, by rising word, which is by rising value. */
const rising = Array.from(words.subarray(0, 0x7c00), (word) => ({ word, value: values[word] }));

/** The word whose value is nearest; of two that are, the even one. */
function nearest(value: number): number {
  const distances = rising.map(({ word, value: candidate }) => ({ word, distance: Math.abs(candidate - value) }));
  const least = Math.min(...distances.map(({ distance }) => distance));
  const near = distances.filter(({ distance }) => distance === least).map(({ word }) => word);
  return near.find((word) => word % 2 === 0) ?? near[0];
}

describe("half precision", () => {
  it("has the values that its definition names", () => {
    const known = { 0: 0, 1: 2 ** -24, 1023: 1023 * 2 ** -24, 1024: 2 ** -14, 15360: 1, 16384: 2, 31743: 65504 };
    for (const [word, value] of Object.entries(known)) expect(values[Number(word)]).toBe(value);
    expect([values[0xbc00], values[0x7c00], values[0xfc00], values[0x7e00]]).toEqual([
      -1,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it("comes back from single precision as it was, every word that is a number", () => {
    const back = halvesOfFloats(values);
    expect([...words].filter((word) => back[word] !== word && !Number.isNaN(values[word]))).toEqual([]);
  });

  it("rounds to the nearest value, and to the even word between two", () => {
    const between = rising.slice(0, 40).map(({ value }, i) => (value + rising[i + 1].value) / 2);
    const samples = [1 / 3, 0.1, Math.PI, 1000.3, 65503.9, 2 ** -24.5, 2 ** -14 - 2 ** -26, 1 + 2 ** -11, ...between];
    const floats = Float32Array.from(samples);
    expect([...halvesOfFloats(floats)]).toEqual(Array.from(floats, nearest));
    const negative = halvesOfFloats(floats.map((value) => -value));
    expect([...negative]).toEqual(Array.from(floats, (value) => nearest(value) | 0x8000));
  });

  it("is infinite beyond its largest value", () => {
    const floats = Float32Array.of(65519.996, 65520, -1e9, Number.NaN);
    expect([...halvesOfFloats(floats)]).toEqual([31743, 31744, 0xfc00, 0x7e00]);
  });
});
