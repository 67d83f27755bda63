/**
 * Pictures to tensors: decoded, turned upright, flattened on white, brought to sRGB and to the encoder's square, then
 * (value / 255 - mean) / std in planes. Of an animation the first frame counts. References: sharp; torchvision's Resize, CenterCrop.
 */
import sharp, { type Sharp } from "sharp";
import type { ImageManifest } from "./manifest.ts";
import { pictureFile } from "./picture-source.ts";

type Preparation = ImageManifest["image"];

/** Larger pictures are refused before they are decoded: some 16,000 x 16,000 is a bomb or a mistake. */
const MAXIMUM_PIXELS = 100_000_000;

const FILTERS = { bilinear: "linear", bicubic: "cubic", lanczos: "lanczos3" } as const;

/** Writes 3 x size x size values to `planes`. Rejects with sharp's reason when the bytes are not a picture it can read. */
export async function preparePicture(bytes: Uint8Array, preparation: Preparation, planes: Float32Array): Promise<void> {
  const { size } = preparation;
  const pixels = await squareOf(bytes, preparation)
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { channels } = pixels.info;
  const order = preparation.channelOrder === "rgb" ? [0, 1, 2] : [2, 1, 0];
  for (const [plane, colour] of order.entries()) {
    const channel = Math.min(colour, channels - 1);
    const scale = 1 / (255 * preparation.std[plane]);
    const shift = preparation.mean[plane] / preparation.std[plane];
    const offset = plane * size * size;
    for (let p = 0; p < size * size; p++) planes[offset + p] = pixels.data[p * channels + channel] * scale - shift;
  }
}

/** Why the picture at `path` cannot be used, judged by where it lies and its header alone; undefined when it may be one. */
export async function pictureFault(path: string, root: string | undefined): Promise<string | undefined> {
  return pictureFile(path, root)
    .then((file) => sharp(file).metadata())
    .then(
      () => undefined,
      (error) => (error instanceof Error ? error.message : String(error)),
    );
}

/** The upright, opaque sRGB picture at the size of the encoder. */
function squareOf(bytes: Uint8Array, { size, resize, filter }: Preparation): Sharp {
  const kernel = FILTERS[filter];
  const picture = sharp(bytes, { limitInputPixels: MAXIMUM_PIXELS, failOn: "error", pages: 1 })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb");
  if (resize.rule === "stretch") return picture.resize(size, size, { fit: "fill", kernel });
  const margin = Math.floor((resize.shortSide - size) / 2);
  return picture
    .resize(resize.shortSide, resize.shortSide, { fit: "cover", position: "centre", kernel })
    .extract({ left: margin, top: margin, width: size, height: size });
}
