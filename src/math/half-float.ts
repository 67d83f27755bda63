/**
 * Half-precision numbers (IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits) as the 16-bit words that graphs take and give.
 * To single precision the way is exact; back it rounds to nearest, ties to even.
 */
import { once } from "../once.ts";

const EXPONENT_BIAS = 15;
const LARGEST_EXPONENT = 31;
/** Smallest step: 2^-24. */
const STEP = 2 ** -24;

const WORDS = 2 ** 16;

/** The value of every word: many are looked up in a tenth of the time. */
const everyFloat = once(() => Float32Array.from({ length: WORDS }, (_, word) => floatOfHalf(word)));

/** The values of the words, n of n. */
export function floatsOfHalves(words: Uint16Array): Float32Array {
  if (words.length < WORDS) return Float32Array.from(words, floatOfHalf);
  const floats = everyFloat();
  const values = new Float32Array(words.length);
  for (let p = 0; p < words.length; p++) values[p] = floats[words[p]];
  return values;
}

/** The words of the values, n of n; what is too large becomes infinite. */
export function halvesOfFloats(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, halfOfFloat);
}

function floatOfHalf(word: number): number {
  const sign = word >> 15 === 0 ? 1 : -1;
  const exponent = (word >> 10) & 0x1f;
  const fraction = word & 0x3ff;
  if (exponent === 0) return sign * fraction * STEP;
  if (exponent === LARGEST_EXPONENT) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - EXPONENT_BIAS);
}

function halfOfFloat(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // The exponent from which the fraction's last bit has its worth; subnormal numbers share the lowest.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = roundEven(size / 2 ** (exponent - 10));
  // A fraction that rounds up to the next power carries into the exponent by itself.
  return sign | (steps + (exponent + EXPONENT_BIAS - 1) * 1024);
}

function roundEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest < 0.5 ? low : low + 1;
}
