/** The resize rule against Pillow itself: fixtures/golden/pillow-resize.json, made by models/golden/make-goldens.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Filter, type Rgb, resample } from "../../../src/encoders/image/resample.ts";
import { repository } from "../encoding-fixtures.ts";

interface Golden {
  readonly picture: { readonly width: number; readonly height: number; readonly pixels: readonly number[] };
  readonly cases: readonly {
    readonly filter: Filter;
    readonly width: number;
    readonly height: number;
    readonly pixels: readonly number[];
  }[];
}

const golden: Golden = JSON.parse(readFileSync(join(repository, "fixtures/golden/pillow-resize.json"), "utf8"));
const picture: Rgb = { ...golden.picture, pixels: Uint8Array.from(golden.picture.pixels) };

/** The window of an interleaved picture. */
function cut(pixels: ArrayLike<number>, width: number, left: number, top: number, size: number): number[] {
  return Array.from({ length: 3 * size * size }, (_, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % size, Math.floor(i / (3 * size)), i % 3];
    return pixels[3 * ((top + y) * width + left + x) + channel];
  });
}

describe("resample", () => {
  it.each(golden.cases)("gives Pillow's pixels: $filter to $width x $height", ({ filter, width, height, pixels }) => {
    const size = Math.min(width, height);
    const [left, top] = [width - size, height - size];
    const resized = resample(picture, width, height, { left, top, size }, filter);
    const expected = cut(pixels, width, left, top, size);
    expect(Array.from(resized)).toEqual(expected);
  });

  it("leaves a picture as it is at its own size", () => {
    const square = cut(picture.pixels, picture.width, 0, 0, 9);
    const same = resample(picture, 13, 9, { left: 0, top: 0, size: 9 }, "bilinear");
    expect(Array.from(same)).toEqual(square);
  });
});
