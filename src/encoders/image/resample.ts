/**
 * Resampling of 8-bit RGB pictures as Pillow does it, because that is what most encoders were trained and are documented with:
 * each output pixel is the mean of the input under a kernel, which widens with the scale when the picture shrinks (so that nothing
 * is skipped over), along rows and then along columns, rounded to 8 bits after each. Reference: Pillow, src/libImaging/Resample.c.
 */

export interface Rgb {
  readonly width: number;
  readonly height: number;
  /** 3 x width x height, interleaved. */
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

export type Filter = "bilinear" | "bicubic" | "lanczos";

/** The window of the resized picture that is wanted. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

interface ComputeBackend {
  readonly support: number;
  weight(x: number): number;
}

const CHANNELS = 3;

const KERNELS: Readonly<Record<Filter, ComputeBackend>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Weights are whole multiples of 2^-22, so that sums of 8-bit values stay in 32 bits and every machine gives the same pixels. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** `picture` resized to width x height, of which only the square window is computed: 3 x size x size, interleaved. */
export function resample(
  picture: Rgb,
  width: number,
  height: number,
  window: Window,
  filter: Filter,
): Uint8ClampedArray {
  const backend = KERNELS[filter];
  const columns = tapsOf(picture.width, width, window.left, window.size, backend);
  const rows = tapsOf(picture.height, height, window.top, window.size, backend);
  const begin = rows.first[0];
  const end = Math.max(...rows.first.map((first, i) => first + rows.weights[i].length));
  const narrowed = alongRows(picture, columns, begin, end);
  return alongColumns(narrowed, begin, window.size, rows);
}

/** The kernel by output position: the first input position under the kernel and the weights from there on. */
interface Taps {
  readonly first: readonly number[];
  readonly weights: readonly Int32Array[];
}

function tapsOf(from: number, to: number, begin: number, count: number, { support, weight }: ComputeBackend): Taps {
  const scale = from / to;
  const spread = Math.max(1, scale);
  const first: number[] = [];
  const weights: Int32Array[] = [];
  for (let position = begin; position < begin + count; position++) {
    const centre = (position + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support * spread + 0.5));
    const high = Math.min(from, Math.trunc(centre + support * spread + 0.5));
    const raw = Float64Array.from({ length: high - low }, (_, t) => weight((low + t - centre + 0.5) / spread));
    const sum = raw.reduce((total, value) => total + value, 0);
    first.push(low);
    weights.push(Int32Array.from(raw, (value) => roundAway((value / sum) * 2 ** PRECISION)));
  }
  return { first, weights };
}

/** Rows `begin` to `end` of the picture at the new width. */
function alongRows({ width, pixels }: Rgb, { first, weights }: Taps, begin: number, end: number): Uint8ClampedArray {
  const size = first.length;
  const output = new Uint8ClampedArray(CHANNELS * size * (end - begin));
  let to = 0;
  for (let y = begin; y < end; y++) {
    for (let x = 0; x < size; x++, to += CHANNELS) {
      const taps = weights[x];
      let at = CHANNELS * (y * width + first[x]);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let t = 0; t < taps.length; t++, at += CHANNELS) {
        const share = taps[t];
        red = (red + Math.imul(share, pixels[at])) | 0;
        green = (green + Math.imul(share, pixels[at + 1])) | 0;
        blue = (blue + Math.imul(share, pixels[at + 2])) | 0;
      }
      output[to] = red >> PRECISION;
      output[to + 1] = green >> PRECISION;
      output[to + 2] = blue >> PRECISION;
    }
  }
  return output;
}

/** Every column at the new height; whole rows at a time, which is the order they lie in. `begin` is the row that `pixels` starts with. */
function alongColumns(
  pixels: Uint8ClampedArray,
  begin: number,
  width: number,
  { first, weights }: Taps,
): Uint8ClampedArray {
  const stride = CHANNELS * width;
  const output = new Uint8ClampedArray(stride * first.length);
  const sums = new Int32Array(stride);
  for (const [y, taps] of weights.entries()) {
    sums.fill(HALF);
    for (let t = 0; t < taps.length; t++) {
      const share = taps[t];
      const from = stride * (first[y] - begin + t);
      for (let j = 0; j < stride; j++) sums[j] = (sums[j] + Math.imul(share, pixels[from + j])) | 0;
    }
    for (let j = 0; j < stride; j++) output[stride * y + j] = sums[j] >> PRECISION;
  }
  return output;
}

/** Halves away from zero. */
function roundAway(value: number): number {
  return Math.trunc(value + (value < 0 ? -0.5 : 0.5));
}

/** Keys' cubic with a = -1/2. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
