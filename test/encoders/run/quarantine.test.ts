/** Every kind of input that a real catalog holds: as a person would expect, or left out with its reason; never the end of a run. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { preparePicture } from "../../../src/encoders/image/picture.ts";
import { encodeCatalog } from "../../../src/features/encode-catalog.ts";
import { extractFeatures } from "../../../src/features/extract-features.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { catalogOf, cornerPicture, cosine, temporaryFolder } from "../encoding-fixtures.ts";

const imageOnly = { image: {}, lexical: null, attributes: null };

/** A PNG of any stated size whose data is a few bytes: what a decompression bomb looks like before it is opened. */
function pngBomb(side: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.alloc(100_000));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

async function planesOf(bytes: Uint8Array): Promise<Float32Array> {
  const planes = new Float32Array(3 * 32 * 32);
  const plain = { size: 32, resize: { rule: "stretch" }, filter: "bilinear", channelOrder: "rgb" } as const;
  await preparePicture(bytes, { ...plain, mean: [0, 0, 0], std: [1, 1, 1] }, planes);
  return planes;
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
}

/** One row a file, in a folder of their own. */
async function encodeFiles(files: Readonly<Record<string, Uint8Array | string>>, more: readonly string[] = []) {
  const folder = join(temporaryFolder(), "pictures");
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const images = [...Object.keys(files), ...more].map((name) => join(folder, name));
  const catalog = { ...catalogOf({ titles: images.map(() => "x"), images }), imageRoot: folder };
  const { image, quarantine } = await encodeCatalog(catalog, imageOnly);
  return { presence: Array.from(image!.presence), quarantine };
}

describe("pictures", () => {
  it("that a person can look at are encoded like the plain picture: turned, animated, CMYK, 16-bit, grey, transparent", async () => {
    const plain = cornerPicture(64, 48);
    const lying = await plain.clone().rotate(90).png().toBuffer();
    const frames = await Promise.all([plain.clone(), plain.clone().negate()].map((frame) => frame.png().toBuffer()));
    const files = {
      "plain.png": await plain.clone().png().toBuffer(),
      "turned.jpg": await sharp(lying).withMetadata({ orientation: 8 }).jpeg({ quality: 98 }).toBuffer(),
      "animated.gif": await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer(),
      "deep.png": await plain.clone().toColourspace("rgb16").png().toBuffer(),
      "cmyk.jpg": await plain.clone().toColourspace("cmyk").jpeg({ quality: 98 }).toBuffer(),
      "transparent.webp": await plain.clone().ensureAlpha().webp({ lossless: true }).toBuffer(),
      "wrong-name.txt": await plain.clone().png().toBuffer(),
    };
    const { presence, quarantine } = await encodeFiles(files);
    expect(quarantine).toEqual([]);
    expect(presence).toEqual([1, 1, 1, 1, 1, 1, 1]);
    const planes = await Promise.all(Object.values(files).map(planesOf));
    const distances = planes.map((values) => meanDifference(values, planes[0]));
    // Ink shows another green and blue.
    expect(distances.map((value, i) => value < (Object.keys(files)[i] === "cmyk.jpg" ? 0.15 : 0.02))).toEqual(
      planes.map(() => true),
    );
  });

  it("that nobody can look at are left out, each with its reason: empty, missing, cut off, no picture, a bomb, a folder", async () => {
    const whole = await cornerPicture(400, 300).jpeg().toBuffer();
    const { presence, quarantine } = await encodeFiles(
      {
        "good.jpg": whole,
        "empty.jpg": "",
        "cut.jpg": whole.subarray(0, whole.length * 0.6),
        "page.jpg": "<html>404</html>",
        "bomb.png": pngBomb(60_000),
        "noise.png": Buffer.concat([pngBomb(10).subarray(0, 40), Buffer.alloc(500, 7)]),
      },
      ["missing.jpg", "."],
    );
    expect(presence).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect(quarantine.map(({ row, code, reason }) => [row, code, reason])).toEqual([
      [1, "UNREADABLE_INPUT", "the file is empty"],
      [2, "UNREADABLE_INPUT", expect.stringMatching(/premature end|truncated/i)],
      [3, "UNREADABLE_INPUT", expect.stringMatching(/unsupported image format/)],
      [4, "UNREADABLE_INPUT", expect.stringMatching(/pixel limit/)],
      [5, "UNREADABLE_INPUT", expect.any(String)],
      [6, "FILE_NOT_FOUND", "no such file"],
      [7, "UNREADABLE_INPUT", "not a file"],
    ]);
  });

  it("cannot be reached outside their folder: by .., by an absolute path, by a link or through a linked folder", async () => {
    const outside = temporaryFolder();
    const bytes = await cornerPicture(20, 20).png().toBuffer();
    writeFileSync(join(outside, "secret.png"), bytes);
    const folder = join(outside, "pictures");
    mkdirSync(folder);
    writeFileSync(join(folder, "own.png"), bytes);
    symlinkSync(join(outside, "secret.png"), join(folder, "link.png"));
    symlinkSync(outside, join(folder, "linked"));
    symlinkSync(join(folder, "own.png"), join(folder, "inner.png"));
    const images = [
      ...["../secret.png", "link.png", "linked/secret.png", "inner.png", "own.png"].map((name) => join(folder, name)),
      join(outside, "secret.png"),
    ];
    const catalog = { ...catalogOf({ titles: images.map(() => "x"), images }), imageRoot: folder };
    const { image, quarantine } = await encodeCatalog(catalog, imageOnly);
    expect(Array.from(image!.presence)).toEqual([0, 0, 0, 1, 1, 0]);
    expect(quarantine.map(({ code }) => code)).toEqual(Array(4).fill("FORBIDDEN_INPUT"));
    expect(quarantine[0].reason).toContain("outside the picture folder");
    const wider = await encodeCatalog({ ...catalog, imageRoot: outside }, imageOnly);
    expect(wider.quarantine).toEqual([]);
  });
});

describe("texts", () => {
  it("empty, enormous, of any script, or not even text are all survived, and every item still gets a vector", async () => {
    const titles = [
      "Plain mug",
      "",
      `${"blue mug ".repeat(200_000)}end`,
      "x".repeat(500_000),
      "手作りの青いマグカップ",
      "قدح أزرق مصنوع يدويًا",
      "ручная кружка 🫖🏺",
      "\u0000\u0007\u200b",
      "half a pair \ud83d",
      "🫖".repeat(20_000),
    ];
    const catalog = catalogOf({
      titles,
      attributes: [{ name: "price", kind: "price", values: Float64Array.from(titles, (_, i) => i + 1) }],
    });
    const { features, quarantine } = await extractFeatures(catalog, { text: {}, lexical: { minimumDocuments: 1 } });
    const { values, blocks, presence } = features;
    expect(values.values.every(Number.isFinite)).toBe(true);
    const text = blocks.findIndex(({ kind }) => kind === "text");
    const has = titles.map((_, row) => presence.values[row * blocks.length + text]);
    expect([has[1], quarantine.filter(({ row }) => row === 1)]).toEqual([0, []]);
    expect([0, 2, 3, 4, 5, 6, 8, 9].map((row) => has[row])).toEqual(Array(8).fill(1));
    for (const [row] of titles.entries()) expect(rowOf(values, row).some((value) => value !== 0)).toBe(true);
  });

  it("of one script are told apart by the lexical block", async () => {
    const titles = ["青いマグカップ", "青いマグカップ 大", "красная лампа", "красная лампа большая"];
    const { features } = await extractFeatures(catalogOf({ titles }), {
      lexical: { minimumDocuments: 1 },
      attributes: null,
    });
    const rows = titles.map((_, row) => rowOf(features.values, row));
    expect(cosine(rows[0], rows[1])).toBeGreaterThan(cosine(rows[0], rows[2]) + 0.3);
    expect(cosine(rows[2], rows[3])).toBeGreaterThan(cosine(rows[2], rows[0]) + 0.3);
  });
});

describe("a pipeline's own pictures", () => {
  it("of this repository all stay inside their folders", () => {
    const items = readFileSync(join(import.meta.dirname, "../../../fixtures/shop/items.jsonl"), "utf8")
      .trim()
      .split("\n");
    const images = items.map((line) => (JSON.parse(line) as { image?: string }).image ?? "");
    expect(images.filter((path) => path.startsWith("/") || path.includes(".."))).toEqual([]);
  });
});
