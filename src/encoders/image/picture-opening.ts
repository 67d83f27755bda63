/**
 * Pictures are opened here and nowhere else: what would take too much memory or time is refused by its header, before it is decoded.
 * A row of pixels is held many times over, so each side is limited beside the area. A decoding that goes on is ended.
 */
import { readFile } from "node:fs/promises";
import sharp, { type Sharp, type SharpOptions } from "sharp";
import { TailrecError } from "../../errors.ts";
import { drawingDensity, looksLikeDrawing, requireDrawing } from "./drawing.ts";

/** Larger pictures are refused: 10,000 x 10,000 is a bomb or a mistake. */
const MAXIMUM_PIXELS = 100_000_000;
const LONGEST_SIDE = 32_767;

/** A picture that takes longer is left out: some files are made to. */
const MAXIMUM_SECONDS = 20;

/** Bytes of a number, by sharp's names of depths. */
const DEPTHS: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4 };

/** A drawn pixel has red, green, blue and transparency. */
const DRAWN_BYTES = 4;

export interface OpenedPicture {
  readonly picture: Sharp;
  /** Of the picture as it lies in the file, and held upright. */
  readonly width: number;
  readonly height: number;
  /** Of all its pixels as they are decoded. */
  readonly bytes: number;
}

/** UNREADABLE_INPUT when the picture is too large, or a drawing that asks for too much; sharp's reason when it is none. */
export async function openPicture(bytes: Uint8Array): Promise<OpenedPicture> {
  if (looksLikeDrawing(bytes)) return openDrawing(bytes);
  const { format, ...size } = await headerOf(bytes);
  if (format === "svg") throw refused("an SVG drawing in an unusual encoding; save it as UTF-8, or as PNG");
  return { picture: opened(bytes), ...size };
}

/** Errors of `openPicture` that the header of the file at `path` gives away. */
export async function inspectPicture(path: string): Promise<void> {
  const { format } = await headerOf(path);
  if (format === "svg") requireDrawing(await readFile(path));
}

async function openDrawing(bytes: Uint8Array): Promise<OpenedPicture> {
  requireDrawing(bytes);
  const { width, height } = await headerOf(bytes);
  const picture = opened(bytes, { density: drawingDensity(width, height) });
  const { autoOrient } = await picture.metadata();
  return { picture, ...autoOrient, bytes: DRAWN_BYTES * autoOrient.width * autoOrient.height };
}

function opened(bytes: Uint8Array, options: SharpOptions = {}): Sharp {
  const picture = sharp(bytes, { ...options, limitInputPixels: MAXIMUM_PIXELS, failOn: "error", pages: 1 });
  return picture.timeout({ seconds: MAXIMUM_SECONDS });
}

async function headerOf(source: Uint8Array | string): Promise<Omit<OpenedPicture, "picture"> & { format: string }> {
  const { format, autoOrient, channels, depth } = await sharp(source, { limitInputPixels: false }).metadata();
  const { width, height } = autoOrient;
  if (width * height > MAXIMUM_PIXELS) {
    throw refused(`${width} x ${height} pixels, more than the pixel limit of ${MAXIMUM_PIXELS}; make it smaller`);
  }
  if (Math.max(width, height) > LONGEST_SIDE) {
    throw refused(`${width} x ${height} pixels, one side more than the limit of ${LONGEST_SIDE}; make it smaller`);
  }
  return { format, width, height, bytes: width * height * channels * (DEPTHS[depth] ?? 8) };
}

function refused(what: string): TailrecError {
  return new TailrecError("UNREADABLE_INPUT", `the picture has ${what}`);
}
