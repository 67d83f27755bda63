/**
 * Writes the built-in image encoder and its manifest: `npm run make:encoders`. Its weights are random and UNTRAINED; same seed,
 * same bytes. The text encoder is trained by models/train/text.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImageManifest } from "../src/features/manifest.ts";
import { type ResnetShape, resnetDimension, resnetModel } from "./encoders/resnet.ts";
import { whiteningHead } from "./encoders/whitening.ts";

const resnetShape: ResnetShape = {
  size: 96,
  stemWidth: 16,
  stages: [
    { width: 16, blocks: 2 },
    { width: 32, blocks: 2 },
    { width: 64, blocks: 2 },
  ],
  seed: 1,
};

const PIXEL_MEAN = 0.5;
const PIXEL_DEVIATION = 0.25;

type Files = Readonly<Record<string, Uint8Array>>;

async function buildImage(folder: string): Promise<void> {
  const head = await whiteningHead(resnetShape, PIXEL_MEAN, PIXEL_DEVIATION);
  const files = { "model.onnx": resnetModel(resnetShape, head) };
  const manifest: ImageManifest = {
    name: "image-small-untrained",
    task: "image",
    description:
      "Built-in ResNet (13 convolutional layers) with UNTRAINED random weights, its last layer whitened on generated abstract pictures: it sees colours, patterns and rough shape and recognises nothing; use a trained encoder for real data.",
    licence: "MIT",
    source: { kind: "file", folder: "image-small-untrained" },
    files: digests(files),
    model: "model.onnx",
    outputName: "features",
    dimension: resnetDimension(resnetShape),
    image: {
      size: resnetShape.size,
      resize: { rule: "stretch" },
      filter: "bilinear",
      channelOrder: "rgb",
      mean: [PIXEL_MEAN, PIXEL_MEAN, PIXEL_MEAN],
      std: [PIXEL_DEVIATION, PIXEL_DEVIATION, PIXEL_DEVIATION],
    },
  };
  write(folder, manifest, files);
}

function digests(files: Files): Record<string, string> {
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, digest(bytes)]));
}

function write(folder: string, manifest: ImageManifest, files: Files): void {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, manifest.name, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  writeFileSync(join(folder, `${manifest.name}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
}

const target = process.argv[2] ?? import.meta.dirname;
await buildImage(target);
