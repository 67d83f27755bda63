/** Encoders of folders in the layout, beside Transformers.js on the same folders: the same vectors, whatever the folder says. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { describeModelFolder } from "../../src/encoders/models/added-model.ts";
import type { Dtype } from "../../src/encoders/models/transformers-layout.ts";
import type { EncoderInput } from "../../src/encoders/run/encoder.ts";
import { openEncoder } from "../../src/encoders/run/opened-encoder.ts";
import { openTokenizer } from "../../src/encoders/text/tokenizer.ts";
import { cosine, repository } from "../encoders/encoding-fixtures.ts";
import { folderOf, textModel, tokenizerJson } from "../encoders/exported-encoders.ts";
import { peer } from "./peer.ts";

const { AutoModel, AutoProcessor, AutoTokenizer, env, pipeline, RawImage, Tensor } = peer;
env.allowRemoteModels = false;

/** Real weights, where somebody has put them: see bench/README.md. */
const real = join(repository, "bench/models");

const texts = [
  "red mug",
  "Stoneware mug, green — 350 ml",
  "hex bolt M8 x 40, zinc-plated",
  "  Lámpara   de pie\n\tÉté  ",
  "日本の湯呑み 🫖",
];
const pictures = join(repository, "models/golden/pictures");
/** One is stored turned: Transformers.js takes it as it lies. */
const pictureFiles = readdirSync(pictures).filter((name) => !name.startsWith("turned"));
/**
 * At the size that both would bring them to, with margins of whole pixels. Where it makes a picture smaller, Transformers.js leaves out
 * pixels; Pillow and tailrec average them, as the encoders were trained (docs/decisions/151-parity-with-transformers-js.md).
 */
const atSize = (width: number, height: number): Promise<Buffer[]> =>
  Promise.all(
    pictureFiles.map((file) =>
      sharp(join(pictures, file)).resize(width, height, { fit: "fill" }).removeAlpha().png().toBuffer(),
    ),
  );

async function ours(folder: string, task: "text" | "image", inputs: readonly EncoderInput[], dtype?: Dtype) {
  const { manifest } = await describeModelFolder(folder, { task, dtype });
  const files = Object.fromEntries(Object.keys(manifest.files).map((name) => [name, join(folder, name)]));
  const encoder = await openEncoder({ manifest, files, threads: 1 });
  // One at a time: quantised graphs give other numbers in other company.
  const vectors = [];
  for (const input of inputs) vectors.push((await encoder.encode([input])).vectors);
  await encoder.close();
  return vectors;
}

function within(folder: string): string {
  env.localModelPath = dirname(folder);
  return basename(folder);
}

async function theirTexts(folder: string, pooling: "mean" | "cls", dtype: Dtype): Promise<Float32Array[]> {
  const extract = await pipeline("feature-extraction", within(folder), { dtype });
  const vectors = [];
  for (const text of texts) vectors.push((await extract(text, { pooling, normalize: true })).data);
  return vectors;
}

async function theirPictures(folder: string, files: readonly Buffer[]): Promise<Float32Array[]> {
  const name = within(folder);
  const [processor, model] = [await AutoProcessor.from_pretrained(name, {}), await AutoModel.from_pretrained(name)];
  const vectors = [];
  for (const file of files) {
    const { pixel_values: pixels } = await processor(await RawImage.fromBlob(new Blob([file])));
    const { features } = await model({ pixels });
    vectors.push(features.data);
  }
  return vectors;
}

const lowest = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  Math.min(...a.map((vector, i) => cosine(vector, b[i])));

const built = (file: string) => readFileSync(join(repository, "models", file));
const bert = JSON.stringify({ model_type: "bert", max_position_embeddings: 128 });

describe("texts", () => {
  const folders: Readonly<Record<string, () => string>> = {
    "a table of words": () =>
      folderOf({
        "config.json": bert,
        "tokenizer.json": tokenizerJson(),
        "tokenizer_config.json": { tokenizer_class: "BertTokenizer", model_max_length: 32, pad_token: "[PAD]" },
        "onnx/model.onnx": textModel(),
      }),
    "tailrec-text-small": () =>
      folderOf({
        "config.json": bert,
        "tokenizer.json": built("tailrec-text-small/tokenizer.json"),
        "tokenizer_config.json": { tokenizer_class: "BertTokenizer", model_max_length: 64, pad_token: "[PAD]" },
        "onnx/model.onnx": built("tailrec-text-small/model.onnx"),
      }),
    "pooled by its first token, spaces joined": () =>
      folderOf({
        "config.json": bert,
        "tokenizer.json": built("tailrec-text-small/tokenizer.json"),
        "tokenizer_config.json": {
          tokenizer_class: "BertTokenizer",
          model_max_length: 48,
          pad_token: "[SEP]",
          remove_space: true,
          do_lowercase_and_remove_accent: true,
        },
        "1_Pooling/config.json": { pooling_mode_cls_token: true },
        "onnx/model.onnx": built("tailrec-text-small/model.onnx"),
      }),
  };

  it.each(Object.entries(folders))("of %s: cosine at least .9999", async (name, make) => {
    const folder = make();
    const pooling = name.startsWith("pooled") ? "cls" : "mean";
    const vectors = await ours(folder, "text", texts);
    expect(lowest(vectors, await theirTexts(folder, pooling, "fp32"))).toBeGreaterThan(0.9999);
  });

  it.for<[string, "mean" | "cls", Dtype]>([
    ["all-MiniLM-L6-v2", "mean", "fp32"],
    ["all-MiniLM-L6-v2", "mean", "q8"],
    ["bge-small-en-v1.5", "cls", "fp32"],
  ])("of the real %s, %s, %s: cosine at least .9999", async ([name, pooling, dtype], { skip }) => {
    const folder = join(real, name);
    if (!existsSync(folder)) {
      skip("not on this machine");
      return;
    }
    const vectors = await ours(folder, "text", texts, dtype);
    expect(lowest(vectors, await theirTexts(folder, pooling, dtype))).toBeGreaterThan(0.9999);
  });

  it("that are cut keep their closing token, as in Python; Transformers.js drops it and is otherwise the same", async () => {
    const folder = folders["tailrec-text-small"]();
    const long = "lamp and mug. ".repeat(100);
    const tokenizer = await openTokenizer(join(folder, "tokenizer.json"), { maximumLength: 64 });
    const ids = tokenizer.encode(long);
    const { input_ids: theirIds } = (await AutoTokenizer.from_pretrained(within(folder)))(long, { truncation: true });
    expect([...theirIds.data].slice(0, -1).map(Number)).toEqual(ids.slice(0, -1));
    const tensor = (values: readonly number[]) => new Tensor("int64", BigInt64Array.from(values, BigInt), [1, 64]);
    const model = await AutoModel.from_pretrained(within(folder), { dtype: "fp32" });
    const given = { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) };
    const { last_hidden_state: states } = await model({ ...given, token_type_ids: tensor(ids.map(() => 0)) });
    const mean = states.mean(1).data;
    expect(lowest(await ours(folder, "text", [long]), [mean])).toBeGreaterThan(0.9999);
  });
});

describe("pictures", () => {
  const common = {
    image_processor_type: "ViTImageProcessor",
    do_resize: true,
    do_rescale: true,
    do_normalize: true,
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
    resample: 2,
  };
  const stretched = { ...common, size: { height: 128, width: 128 } };
  const cropped = { size: { shortest_edge: 146 }, do_center_crop: true, crop_size: { height: 128, width: 128 } };

  it.each<[string, object, number?, number?]>([
    ["stretched", stretched],
    ["cropped", { ...common, ...cropped }, 200, 146],
    ["cropped, bicubic", { ...common, ...cropped, resample: 3 }, 200, 146],
    ["of another scale", { ...stretched, rescale_factor: 1 / 127.5, image_mean: [1, 1, 1], image_std: [1, 1, 1] }],
    ["without scale", { ...stretched, do_rescale: false, image_mean: [127, 127, 127], image_std: [60, 60, 60] }],
    [
      "as ConvNext crops",
      { ...common, image_processor_type: "ConvNextImageProcessor", size: { shortest_edge: 128 } },
      146,
    ],
    ["as EfficientNet divides", { ...stretched, image_processor_type: "EfficientNetImageProcessor" }],
    ["turned to BGR", { ...stretched, do_normalize: false, do_flip_channel_order: true }],
  ])("%s: cosine at least .999", async (_, preprocessor, width = 128, height = 128) => {
    const folder = folderOf({
      "config.json": JSON.stringify({ model_type: "vit" }),
      "preprocessor_config.json": preprocessor,
      "onnx/model.onnx": built("tailrec-image-small/model.onnx"),
    });
    const files = await atSize(width, height);
    const vectors = await ours(folder, "image", files);
    expect(lowest(vectors, await theirPictures(folder, files))).toBeGreaterThan(0.999);
  });
});
