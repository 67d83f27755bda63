/**
 * Pictures to tensors: decoded, turned upright, flattened on white, brought to sRGB, resized by Pillow's rule to the encoder's
 * square, then (value / 255 - mean) / std in planes. Of an animation the first frame counts. References: sharp; torchvision's
 * Resize and CenterCrop.
 */
import type { Sharp } from "sharp";
import { messageOf } from "../../file-errors.ts";
import { type DecodingGate, decodingGate } from "./decoding-gate.ts";
import type { ImagePreparation } from "./image-preparation.ts";
import { inspectPicture, type OpenedPicture, openPicture } from "./picture-opening.ts";
import { pictureFile } from "./picture-source.ts";
import { type Rgb, resample } from "./resample.ts";

/**
 * A picture more than twice this many times too large is first shrunk while it is decoded, by a whole factor that leaves at
 * least this much for the rule itself: it costs a tenth of the time and memory, and vectors agree to .997.
 */
const KEPT_FACTOR = 3;

/**
 * Writes 3 x size x size values to `planes`, once the gate has room for the picture. Rejects with sharp's reason when the bytes are not
 * a picture it can read, UNREADABLE_INPUT when it is too large.
 */
export async function preparePicture(
  bytes: Uint8Array,
  preparation: ImagePreparation,
  planes: Float32Array,
  gate: DecodingGate = decodingGate(new SharedArrayBuffer(4)),
): Promise<void> {
  const opened = await openPicture(bytes);
  await gate.through(opened.bytes, async () => {
    writePlanes(squareOf(await decode(opened, preparation), preparation), preparation, planes);
  });
}

/** From bytes of red, green and blue to (value / 255 - mean) / std, plane by plane. */
function writePlanes(pixels: Uint8ClampedArray, preparation: ImagePreparation, planes: Float32Array): void {
  const { size } = preparation;
  const order = preparation.channelOrder === "rgb" ? [0, 1, 2] : [2, 1, 0];
  for (const [plane, channel] of order.entries()) {
    const scale = 1 / (255 * preparation.std[plane]);
    const shift = preparation.mean[plane] / preparation.std[plane];
    const offset = plane * size * size;
    for (let p = 0; p < size * size; p++) planes[offset + p] = pixels[3 * p + channel] * scale - shift;
  }
}

/** Why the picture at `path` cannot be used, judged by where it lies and its header alone; undefined when it may be one. */
export async function pictureFault(path: string, root: string | undefined): Promise<string | undefined> {
  return pictureFile(path, root)
    .then(inspectPicture)
    .then(() => undefined, messageOf);
}

/** The upright, opaque sRGB picture, at its own size or a whole fraction of it. */
async function decode({ picture, width, height }: OpenedPicture, preparation: ImagePreparation): Promise<Rgb> {
  const upright = picture.autoOrient().flatten({ background: "#ffffff" });
  const { data, info } = await shrunk(upright.toColourspace("srgb"), width, height, preparation)
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    pixels: info.channels === 3 ? data : threefold(data, info.channels),
  };
}

function shrunk(picture: Sharp, width: number, height: number, { size, resize }: ImagePreparation): Sharp {
  const target = resize.rule === "crop" ? resize.shortSide : size;
  const factor = Math.floor(Math.min(width, height) / (KEPT_FACTOR * target));
  if (factor < 2) return picture;
  return picture.resize(Math.round(width / factor), Math.round(height / factor), { fit: "fill", kernel: "linear" });
}

/** Grey as red, green and blue. */
function threefold(grey: Uint8Array, channels: number): Uint8Array {
  return Uint8Array.from({ length: (3 * grey.length) / channels }, (_, i) => grey[Math.floor(i / 3) * channels]);
}

/** The square by the rule: both sides stretched, or the short side scaled and the middle cut out. */
function squareOf(picture: Rgb, { size, resize, filter }: ImagePreparation): Uint8ClampedArray {
  if (resize.rule === "stretch") return resample(picture, size, size, { left: 0, top: 0, size }, filter);
  const { shortSide } = resize;
  const { width, height } = picture;
  const short = Math.min(width, height);
  const [wide, high] = [width, height].map((side) => Math.trunc((shortSide * side) / short));
  const window = { left: middle(wide - size), top: middle(high - size), size };
  return resample(picture, wide, high, window, filter);
}

/** Half of a margin; a half pixel goes to the even side, as in torchvision's CenterCrop. */
function middle(margin: number): number {
  const low = Math.floor(margin / 2);
  return margin % 2 !== 0 && low % 2 !== 0 ? low + 1 : low;
}
