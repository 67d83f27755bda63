/**
 * The encoders of the feature benchmark, built by the repository's own graph builders so that it runs offline: a BERT of
 * MiniLM's shape, ResNet-50, and a tiny BERT for what is about memory and bookkeeping. All weights are seeded and untrained.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BertShape, bertModel } from "../models/encoders/bert.ts";
import { RESNET50, resnet50Model } from "../models/encoders/resnet50.ts";
import type { EncoderManifest } from "../src/encoders/models/manifest.ts";
import { tokenizerFile } from "./feature-inputs.ts";

export type BenchEncoder = "minilm" | "resnet50" | "tiny";

const BERT_SHAPES: Readonly<Record<"minilm" | "tiny", BertShape>> = {
  minilm: { width: 384, layers: 6, heads: 12, feedForward: 1536, positions: 512, seed: 1 },
  tiny: { width: 32, layers: 1, heads: 2, feedForward: 64, positions: 512, seed: 1 },
};

type Files = Readonly<Record<string, Uint8Array>>;

/** The path of the encoder's manifest in `folder`; built there first if need be. */
export function benchEncoder(folder: string, name: BenchEncoder): string {
  const path = join(folder, `${name}.json`);
  if (existsSync(path)) return path;
  const { files, manifest } = name === "resnet50" ? resnet50() : bert(name);
  mkdirSync(join(folder, name), { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, name, file), bytes);
  writeFileSync(path, JSON.stringify(manifest, null, 2));
  return path;
}

interface Built {
  readonly files: Files;
  readonly manifest: EncoderManifest;
}

function bert(name: "minilm" | "tiny"): Built {
  const tokenizer = tokenizerFile();
  const shape = BERT_SHAPES[name];
  const salience = new Array<number>(Object.keys(tokenizer.model.vocab).length).fill(1);
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const files = { "model.onnx": bertModel(shape, salience), "tokenizer.json": encode(JSON.stringify(tokenizer)) };
  const text = {
    tokenizer: "tokenizer.json",
    maximumLength: 128,
    pooling: "mean",
    normalise: true,
  } as const;
  const output = { outputName: "last_hidden_state", dimension: shape.width };
  return { files, manifest: { ...common(name, files), task: "text", ...output, text } };
}

function resnet50(): Built {
  const files = { "model.onnx": resnet50Model(1) };
  const { size, dimension } = RESNET50;
  const image = {
    size,
    resize: { rule: "crop", shortSide: 256 },
    filter: "bilinear",
    channelOrder: "rgb",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  } satisfies Extract<EncoderManifest, { task: "image" }>["image"];
  return {
    files,
    manifest: { ...common("resnet50", files), task: "image", outputName: "features", dimension, image },
  };
}

function common(name: string, files: Files) {
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  return {
    name,
    description: "for measurements of speed; untrained",
    licence: "MIT",
    source: { kind: "file", folder: name },
    files: Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, digest(bytes)])),
    model: "model.onnx",
  } as const;
}
