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

interface Kernel {
  readonly support: number;
  weight(x: number): number;
}

const CHANNELS = 3;

const KERNELS: Readonly<Record<Filter, Kernel>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** `picture` resized to width x height, of which only the square window is computed. */
export function resample(
  picture: Rgb,
  width: number,
  height: number,
  window: Window,
  filter: Filter,
): Uint8ClampedArray {
  const kernel = KERNELS[filter];
  const columns = tapsOf(picture.width, width, window.left, window.size, kernel);
  const rows = tapsOf(picture.height, height, window.top, window.size, kernel);
  return alongColumns(alongRows(picture, columns), window.size, rows);
}

/** For each output position, the first input position under the kernel and the weights from there on. */
interface Taps {
  readonly first: readonly number[];
  readonly weights: readonly Float64Array[];
}

function tapsOf(from: number, to: number, begin: number, count: number, { support, weight }: Kernel): Taps {
  const scale = from / to;
  const spread = Math.max(1, scale);
  const first: number[] = [];
  const weights: Float64Array[] = [];
  for (let position = begin; position < begin + count; position++) {
    const centre = (position + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support * spread + 0.5));
    const high = Math.min(from, Math.trunc(centre + support * spread + 0.5));
    const raw = Float64Array.from({ length: high - low }, (_, t) => weight((low + t - centre + 0.5) / spread));
    const sum = raw.reduce((total, value) => total + value, 0);
    first.push(low);
    weights.push(raw.map((value) => value / sum));
  }
  return { first, weights };
}

/** Every row of the picture at the new width. */
function alongRows({ width, height, pixels }: Rgb, { first, weights }: Taps): Uint8ClampedArray {
  const size = first.length;
  const output = new Uint8ClampedArray(CHANNELS * size * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      const taps = weights[x];
      let at = CHANNELS * (y * width + first[x]);
      let [red, green, blue] = [0, 0, 0];
      for (let t = 0; t < taps.length; t++, at += CHANNELS) {
        const share = taps[t];
        red += share * pixels[at];
        green += share * pixels[at + 1];
        blue += share * pixels[at + 2];
      }
      const to = CHANNELS * (y * size + x);
      output[to] = red;
      output[to + 1] = green;
      output[to + 2] = blue;
    }
  }
  return output;
}

/** Every column at the new height; whole rows at a time, which is the order they lie in. */
function alongColumns(pixels: Uint8ClampedArray, width: number, { first, weights }: Taps): Uint8ClampedArray {
  const stride = CHANNELS * width;
  const output = new Uint8ClampedArray(stride * first.length);
  const sums = new Float64Array(stride);
  for (const [y, taps] of weights.entries()) {
    sums.fill(0);
    for (let t = 0; t < taps.length; t++) {
      const share = taps[t];
      const from = stride * (first[y] + t);
      for (let j = 0; j < stride; j++) sums[j] += share * pixels[from + j];
    }
    output.set(sums, stride * y);
  }
  return output;
}

/** Keys' cubic with a = -1/2. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
