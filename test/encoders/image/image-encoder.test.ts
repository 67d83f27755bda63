import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openImageEncoder } from "../../../src/encoders/image/image-encoder.ts";
import type { ImageManifest } from "../../../src/encoders/image/image-preparation.ts";
import { preparePicture } from "../../../src/encoders/image/picture.ts";
import { loadManifestFor } from "../../../src/encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../../src/encoders/models/model-files.ts";
import type { BatchEncoder } from "../../../src/encoders/run/encoder.ts";
import { builtIn, cornerPicture, cosine, repository } from "../encoding-fixtures.ts";

const plain: ImageManifest["image"] = {
  size: 8,
  resize: { rule: "stretch" },
  filter: "bilinear",
  channelOrder: "rgb",
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

async function planesOf(bytes: Uint8Array, preparation = plain): Promise<number[]> {
  const planes = new Float32Array(3 * preparation.size ** 2);
  await preparePicture(bytes, preparation, planes);
  return Array.from(planes);
}

/** Red, green and blue at one pixel. */
function pixelAt(planes: readonly number[], x: number, y: number, size = 8): number[] {
  return [0, 1, 2].map((plane) => Math.round(255 * planes[plane * size * size + y * size + x]));
}

const worstDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, j) => Math.abs(value - b[j])));

describe("preparePicture", () => {
  it("writes planes of (value / 255 - mean) / std in the channel order of the manifest", async () => {
    const bytes = await cornerPicture(8, 8).png().toBuffer();
    const rgb = await planesOf(bytes);
    expect(pixelAt(rgb, 0, 0)).toEqual([220, 30, 30]);
    expect(pixelAt(rgb, 7, 7)).toEqual([230, 220, 60]);
    const mean: [number, number, number] = [0.4, 0.5, 0.6];
    const std: [number, number, number] = [0.1, 0.2, 0.3];
    const bgr = await planesOf(bytes, { ...plain, channelOrder: "bgr", mean, std });
    expect(bgr[0]).toBeCloseTo((30 / 255 - 0.4) / 0.1, 4);
    expect(bgr[128]).toBeCloseTo((220 / 255 - 0.6) / 0.3, 4);
  });

  it("turns a picture upright by its EXIF orientation", async () => {
    const upright = await planesOf(await cornerPicture(16, 8).png().toBuffer());
    const lying = await cornerPicture(16, 8).rotate(90).png().toBuffer();
    const tagged = await sharp(lying).withMetadata({ orientation: 8 }).png().toBuffer();
    expect(worstDifference(await planesOf(tagged), upright)).toBeLessThan(0.02);
  });

  it("flattens transparent pixels on white", async () => {
    const clear = { width: 8, height: 8, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0 } };
    const planes = await planesOf(await sharp({ create: clear }).png().toBuffer());
    expect(pixelAt(planes, 3, 3)).toEqual([255, 255, 255]);
  });

  it("reads CMYK, 16-bit, grey and animated pictures as a person sees them", async () => {
    const original = await planesOf(await cornerPicture(16, 16).png().toBuffer());
    const cmyk = await planesOf(await cornerPicture(16, 16).toColourspace("cmyk").tiff().toBuffer());
    // Ink cannot show the purest green and blue; the corners still are what they were.
    expect(cosine(cmyk, original)).toBeGreaterThan(0.95);
    const deep = await planesOf(await cornerPicture(16, 16).toColourspace("rgb16").png().toBuffer());
    expect(worstDifference(deep, original)).toBeLessThan(0.02);
    const grey = await planesOf(await cornerPicture(16, 16).greyscale().png().toBuffer());
    expect(new Set(pixelAt(grey, 1, 1)).size).toBe(1);
    const frames = await Promise.all(
      [cornerPicture(16, 16), cornerPicture(16, 16).negate()].map((frame) => frame.png().toBuffer()),
    );
    const animation = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect(worstDifference(await planesOf(animation), original)).toBeLessThan(0.1);
  });

  it("crops the central square after scaling the short side", async () => {
    const stripes = Buffer.from(Array.from({ length: 40 * 20 * 3 }, (_, p) => (Math.floor(p / 3) % 40 < 10 ? 0 : 200)));
    const bytes = await sharp(stripes, { raw: { width: 40, height: 20, channels: 3 } })
      .png()
      .toBuffer();
    const planes = await planesOf(bytes, { ...plain, size: 16, resize: { rule: "crop", shortSide: 20 } });
    // Columns 12 to 27 of the 40 remain: none of the ten black ones.
    expect(planes.slice(0, 256).every((value) => Math.round(255 * value) === 200)).toBe(true);
  });

  it("keeps a constant picture constant through any resize", async () => {
    const grey = { width: 301, height: 77, channels: 3 as const, background: { r: 90, g: 120, b: 33 } };
    const bytes = await sharp({ create: grey }).png().toBuffer();
    const planes = await planesOf(bytes, { ...plain, resize: { rule: "crop", shortSide: 11 } });
    for (let p = 0; p < 64; p++) expect(pixelAt(planes, p % 8, Math.floor(p / 8))).toEqual([90, 120, 33]);
  });
});

describe("image encoder", () => {
  let encoder: BatchEncoder;
  beforeAll(async () => {
    encoder = await openImageEncoder(await builtIn("image"));
  });
  afterAll(() => encoder.close());

  it("reports what is not a picture with its reason, and encodes the rest of the batch as if it were not there", async () => {
    const good = await cornerPicture(64, 48).jpeg().toBuffer();
    const truncated = (await cornerPicture(400, 300).jpeg().toBuffer()).subarray(0, 900);
    const { vectors, failures } = await encoder.encode([
      Buffer.from("not a picture"),
      good,
      new Uint8Array(0),
      truncated,
    ]);
    expect(failures.map(({ index }) => index)).toEqual([0, 2, 3]);
    expect(failures[0].reason).toMatch(/unsupported image format/);
    expect(failures[1].reason).toBe("the file is empty");
    const alone = await encoder.encode([good]);
    expect(worstDifference(vectors.subarray(256, 512), alone.vectors)).toBeLessThan(1e-5);
    expect(vectors.subarray(0, 256).every((value) => value === 0)).toBe(true);
  });

  it("refuses a decompression bomb before it is decoded", async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"><rect width="9" height="9"/></svg>',
    );
    const { failures } = await encoder.encode([svg]);
    expect(failures).toMatchObject([{ index: 0, reason: expect.stringMatching(/pixel limit/) }]);
  });

  it("gives a picture the same vector alone and among twenty others", async () => {
    const pictures = await Promise.all(
      Array.from({ length: 21 }, (_, i) =>
        cornerPicture(30 + i, 60 - i)
          .modulate({ hue: 17 * i })
          .png()
          .toBuffer(),
      ),
    );
    const together = (await encoder.encode(pictures)).vectors;
    for (const i of [0, 7, 20]) {
      const alone = (await encoder.encode([pictures[i]])).vectors;
      expect(worstDifference(alone, together.subarray(i * 256, (i + 1) * 256))).toBeLessThan(1e-5);
    }
  });

  it("sees colour: a recoloured picture moves further than a recompressed one", async () => {
    const { vectors } = await encoder.encode([
      await cornerPicture(80, 80).png().toBuffer(),
      await cornerPicture(80, 80).jpeg({ quality: 70 }).toBuffer(),
      await cornerPicture(80, 80).modulate({ hue: 120 }).png().toBuffer(),
    ]);
    const [original, recompressed, recoloured] = [0, 1, 2].map((i) => vectors.subarray(i * 256, (i + 1) * 256));
    expect(cosine(original, recompressed)).toBeGreaterThan(cosine(original, recoloured) + 0.2);
  });
});

const posters = join(repository, "../shared/data/movielens-small/posters");

describe.skipIf(!existsSync(posters))("image encoder with trained weights (needs ../shared)", () => {
  it.each(["mobilenetv2-imagenet", "resnet56-cifar10"])("%s encodes photographs to its dimension", async (name) => {
    const located = await loadManifestFor("image", name, repository);
    const files = await verifiedModelFiles(located);
    const encoder = await openImageEncoder({ manifest: located.manifest, files, threads: 1 });
    const { vectors, failures } = await encoder.encode(
      [1, 2, 10].map((id) => readFileSync(join(posters, `${id}.jpg`))),
    );
    await encoder.close();
    expect(failures).toEqual([]);
    expect(vectors).toHaveLength(3 * located.manifest.dimension);
    expect(vectors.every(Number.isFinite)).toBe(true);
  });
});
