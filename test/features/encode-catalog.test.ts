import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import { recordSize } from "../../src/encoders/cache/vector-record.ts";
import { type EncodedCatalog, encodeCatalog } from "../../src/features/encode-catalog.ts";
import { itemText } from "../../src/features/item-text.ts";
import { rowOf } from "../../src/math/matrix.ts";
import type { Progress } from "../../src/run-context.ts";
import {
  alteredManifest,
  catalogOf,
  cornerPicture,
  filesIn,
  repository,
  temporaryFolder,
} from "../encoders/encoding-fixtures.ts";

const textOnly = { text: {}, lexical: null, attributes: null };
const imageOnly = { image: {}, lexical: null, attributes: null };
const encoderText = (encoder: string) => ({ text: { encoder }, lexical: null, attributes: null });

const titles = Array.from({ length: 150 }, (_, i) => `Lamp ${i} ${"warm light ".repeat(i % 9)}`);
const catalog = catalogOf({ titles });

describe("encodeCatalog", () => {
  it("joins title and description, and calls an item without either missing, not empty", async () => {
    const mixed = catalogOf({ titles: ["Mug", "", "  "], descriptions: ["Blue.", "Only a description", ""] });
    expect([0, 1, 2].map((row) => itemText(mixed, row))).toEqual(["Mug. Blue.", "Only a description", ""]);
    const { text, quarantine } = await encodeCatalog(mixed, textOnly);
    expect(Array.from(text?.presence ?? [])).toEqual([1, 1, 0]);
    expect(rowOf(text!.vectors, 2).every((value) => value === 0)).toBe(true);
    expect(quarantine).toEqual([]);
  });

  it("keeps rows in catalog order though it encodes by length", async () => {
    const together = await encodeCatalog(catalog, textOnly);
    const alone = await encodeCatalog(catalogOf({ titles: [titles[37]] }), textOnly);
    const [a, b] = [rowOf(together.text!.vectors, 37), rowOf(alone.text!.vectors, 0)];
    expect(Math.max(...a.map((value, j) => Math.abs(value - b[j])))).toBeLessThan(1e-5);
  });

  it("quarantines what is not a picture with its row and reason; missing pictures are only missing", async () => {
    const files = filesIn({
      "good.png": await cornerPicture(40, 40).png().toBuffer(),
      "text.jpg": "hello",
      "empty.png": "",
    });
    const images = [files["good.png"], null, files["text.jpg"], "/nowhere/picture.png", files["empty.png"]];
    const { image, quarantine } = await encodeCatalog(catalogOf({ titles: images.map(() => "x"), images }), imageOnly);
    expect(Array.from(image!.presence)).toEqual([1, 0, 0, 0, 0]);
    expect(quarantine.map(({ row, block }) => [row, block])).toEqual([
      [2, "image"],
      [3, "image"],
      [4, "image"],
    ]);
    expect(quarantine.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/unsupported image format/),
      expect.stringMatching(/no such file/),
      "the file is empty",
    ]);
  });

  it("gives the same bytes in every run", async () => {
    expect(await encodeCatalog(catalog, textOnly)).toEqual(await encodeCatalog(catalog, textOnly));
  });

  it("reports progress up to the number of items with input", async () => {
    const seen: Progress[] = [];
    await encodeCatalog(catalog, textOnly, { onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual({ stage: "encode text", done: 150, total: 150 });
  });

  it("stops between chunks when it is cancelled", async () => {
    const controller = new AbortController();
    const context = { signal: controller.signal, onProgress: () => controller.abort() };
    await expect(encodeCatalog(catalog, textOnly, context)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it("encodes an empty catalog to no rows", async () => {
    const { text } = await encodeCatalog(catalogOf({ titles: [] }), textOnly);
    expect(text?.vectors).toMatchObject({ rows: 0, columns: 256 });
  });
});

describe("encodeCatalog with a wrong encoder", () => {
  const failure = (encoder: string, folder = repository) =>
    encodeCatalog(catalog, encoderText(encoder), { folder }).then(
      () => undefined,
      (error: unknown) => error,
    );

  it("names the nearest encoder when there is none of that name", async () => {
    expect(await failure("tailrec-text-smal")).toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining('did you mean "tailrec-text-small"?'),
    });
  });

  it("refuses an image encoder for texts", async () => {
    expect(await failure("tailrec-image-small")).toMatchObject({ code: "MODEL_INVALID" });
  });

  it("takes a manifest by its path, relative to the given folder", async () => {
    const path = await alteredManifest("tailrec-text-small", {});
    const { text } = await encodeCatalog(catalog, encoderText("./altered.json"), { folder: join(path, "..") });
    expect(text?.vectors.columns).toBe(256);
  });

  it("says which file is missing, and which has another digest than its manifest", async () => {
    const path = await alteredManifest("tailrec-text-small", {});
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...manifest, source: { kind: "file", folder: "elsewhere" } }));
    expect(await failure(path)).toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("model.onnx"),
    });
    const files = { ...manifest.files, "tokenizer.json": "0".repeat(64) };
    writeFileSync(path, JSON.stringify({ ...manifest, files }));
    expect(await failure(path)).toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/tokenizer\.json has sha256 [0-9a-f]{64}, its manifest says 0{64}/),
    });
  });

  it("brings an error of the encoder thread back with its code and remedy", async () => {
    const wrongDimension = await alteredManifest("tailrec-text-small", { dimension: 64 });
    expect(await failure(wrongDimension)).toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/expected output of shape .* x 64, received .* x 256/),
    });
    const wrongOutput = await alteredManifest("tailrec-text-small", { outputName: "pooled" });
    expect(await failure(wrongOutput)).toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("the graph has last_hidden_state"),
    });
  });

  it("refuses manifests that are not JSON or have unknown or missing fields, naming the file", async () => {
    const path = await alteredManifest("tailrec-text-small", { poolling: "mean" });
    expect(await failure(path)).toMatchObject({ code: "MODEL_INVALID", message: expect.stringContaining(path) });
    writeFileSync(path, "{");
    expect(await failure(path)).toMatchObject({ code: "MODEL_INVALID", message: expect.stringContaining("JSON") });
  });
});

describe("encodeCatalog with a cache", () => {
  let cacheFolder: string;
  let first: EncodedCatalog;

  const withCache = (given: Catalog) => encodeCatalog(given, textOnly, { cacheFolder });
  const cacheFile = (): string => {
    const [name] = readdirSync(cacheFolder).filter((file) => file.endsWith(".vectors"));
    return join(cacheFolder, name);
  };
  const records = (): number => statSync(cacheFile()).size / recordSize(256);

  beforeAll(async () => {
    cacheFolder = temporaryFolder();
    first = await withCache(catalog);
  });

  it("gives the same vectors as without, and computes none again in a second run", async () => {
    expect(first).toEqual(await encodeCatalog(catalog, textOnly));
    const before = readFileSync(cacheFile());
    const second = await withCache(catalog);
    expect(second.text?.vectors).toEqual(first.text?.vectors);
    expect(second.text?.reused).toBe(150);
    expect(readFileSync(cacheFile())).toEqual(before);
  });

  it("encodes only the item whose text changed", async () => {
    const before = records();
    const changed = titles.map((title, i) => (i === 5 ? "Quite another thing" : title));
    expect((await withCache(catalogOf({ titles: changed }))).text?.reused).toBe(149);
    expect(records()).toBe(before + 1);
  });

  it("encodes an input that many items share once, and says of each of them when it is unusable", async () => {
    const before = records();
    const shared = catalogOf({ titles: Array.from({ length: 200 }, (_, i) => `Shared title ${i % 2}`) });
    const { text } = await withCache(shared);
    expect(records()).toBe(before + 2);
    expect(rowOf(text!.vectors, 198)).toEqual(rowOf(text!.vectors, 0));
    const { broken, same } = filesIn({ broken: "no picture", same: "no picture" });
    const { quarantine } = await encodeCatalog(catalogOf({ titles: ["a", "b"], images: [broken, same] }), imageOnly);
    expect(quarantine.map(({ row }) => row)).toEqual([0, 1]);
  });

  it.each([
    ["cut off in its last record", (path: string) => truncateSync(path, statSync(path).size - 100)],
    ["followed by half a record", (path: string) => appendFileSync(path, Buffer.alloc(recordSize(256) / 2, 7))],
    ["damaged in the middle", (path: string) => writeFileSync(path, withFlippedByte(readFileSync(path)))],
  ])("heals when its file is %s: at most one item is encoded again", async (_, harm) => {
    harm(cacheFile());
    const healed = await withCache(catalog);
    expect(healed.text!.reused).toBeGreaterThanOrEqual(149);
    for (const [j, value] of healed.text!.vectors.values.entries()) {
      expect(Math.abs(value - first.text!.vectors.values[j])).toBeLessThan(1e-5);
    }
    expect((await withCache(catalog)).text!.reused).toBe(150);
  });

  it("fails with OUTPUT_FAILED when its folder cannot be made", async () => {
    const { file } = filesIn({ file: "in the way" });
    await expect(encodeCatalog(catalog, textOnly, { cacheFolder: join(file, "cache") })).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
    });
  });

  function withFlippedByte(bytes: Buffer): Buffer {
    bytes[Math.floor(bytes.length / 2)] ^= 1;
    return bytes;
  }
});
