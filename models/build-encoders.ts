/**
 * Writes the two built-in encoders and their manifests: `npm run make:encoders`. Their weights are random and UNTRAINED;
 * same seed, same bytes.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImageManifest, TextManifest } from "../src/features/manifest.ts";
import { type BertShape, bertModel } from "./encoders/bert.ts";
import { type ResnetShape, resnetDimension, resnetModel } from "./encoders/resnet.ts";
import { tokenizerFile, vocabularyPieces } from "./encoders/vocabulary.ts";
import { whiteningHead } from "./encoders/whitening.ts";

const bertShape: BertShape = { width: 128, layers: 2, heads: 4, feedForward: 256, positions: 256, seed: 1 };

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

function buildText(folder: string): void {
  const pieces = vocabularyPieces();
  const model = bertModel(
    bertShape,
    pieces.map(({ salience }) => salience),
  );
  const tokenizer = new TextEncoder().encode(`${JSON.stringify(tokenizerFile(pieces))}\n`);
  const files = { "model.onnx": model, "tokenizer.json": tokenizer };
  const manifest: TextManifest = {
    name: "text-small-untrained",
    task: "text",
    description:
      "Built-in BERT (2 layers, 128 wide) with UNTRAINED random weights and a hand-made WordPiece vocabulary: close to a random projection of the words of a text. It knows no meanings; use a trained encoder for real data.",
    licence: "MIT",
    source: { kind: "file", folder: "text-small-untrained" },
    files: digests(files),
    model: "model.onnx",
    outputName: "last_hidden_state",
    dimension: bertShape.width,
    text: { tokenizer: "tokenizer.json", maximumLength: bertShape.positions, pooling: "mean", normalise: true },
  };
  write(folder, manifest, files);
}

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

function write(folder: string, manifest: TextManifest | ImageManifest, files: Files): void {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, manifest.name, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  writeFileSync(join(folder, `${manifest.name}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
}

const target = process.argv[2] ?? import.meta.dirname;
buildText(target);
await buildImage(target);
