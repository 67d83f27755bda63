import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ImageSettings, readImageSettings } from "../../../src/encoders/image/image-settings.ts";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { readTextSettings } from "../../../src/encoders/text/text-settings.ts";
import { repository, temporaryFolder } from "../encoding-fixtures.ts";

/** A folder as an exporter leaves it: files of a built-in encoder under new names, and settings. */
function exported(copies: Readonly<Record<string, string>>, settings: Readonly<Record<string, unknown>> = {}): string {
  const folder = temporaryFolder();
  const place = (name: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    return join(folder, name);
  };
  for (const [name, from] of Object.entries(copies)) copyFileSync(join(repository, "models", from), place(name));
  for (const [name, content] of Object.entries(settings)) {
    writeFileSync(place(name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

const text = {
  "onnx/model.onnx": "tailrec-text-small/model.onnx",
  "tokenizer.json": "tailrec-text-small/tokenizer.json",
};
const image = { "model.onnx": "tailrec-image-small/model.onnx" };

describe("describeModelFolder", () => {
  it("reads a sentence-transformers folder: files, pooling, length, prompt, and the dimension from a run", async () => {
    const folder = exported(text, {
      "1_Pooling/config.json": { word_embedding_dimension: 128, pooling_mode_cls_token: true },
      "modules.json": [{ type: "sentence_transformers.models.Transformer" }, { type: "x.models.Pooling" }],
      "sentence_bert_config.json": { max_seq_length: 128 },
      "config_sentence_transformers.json": { prompts: { query: "query: " }, default_prompt_name: "query" },
    });
    const { manifest, assumed, batchDependence } = await describeModelFolder(folder, { name: "mine", licence: "MIT" });
    expect(manifest).toMatchObject({
      name: "mine",
      task: "text",
      model: "onnx/model.onnx",
      outputName: "last_hidden_state",
      dimension: 256,
      text: { tokenizer: "tokenizer.json", maximumLength: 128, prefix: "query: ", pooling: "cls", normalise: false },
    });
    expect(Object.keys(manifest.files)).toEqual(["onnx/model.onnx", "tokenizer.json"]);
    expect([assumed, batchDependence < 1e-5]).toEqual([[], true]);
  });

  it("takes a folder without a tokenizer for a picture encoder, and says what it assumed", async () => {
    const { manifest, assumed } = await describeModelFolder(exported(image));
    expect(manifest).toMatchObject({ task: "image", dimension: 256, outputName: "features" });
    expect(assumed).toEqual([expect.stringContaining("ImageNet")]);
  });

  it.each<[string, () => string, string, RegExp]>([
    ["no folder", () => "/nowhere/at/all", "FILE_NOT_FOUND", /expected a folder/],
    [
      "no model",
      () => exported({ "tokenizer.json": text["tokenizer.json"] }),
      "FILE_NOT_FOUND",
      /expected an ONNX model/,
    ],
    ["a model that is none", () => exported({}, { "model.onnx": "hello" }), "MODEL_INVALID", /cannot load/],
    ["two models", () => exported({}, { "a.onnx": "", "b.onnx": "" }), "MODEL_INVALID", /a\.onnx, b\.onnx/],
    ["broken settings", () => exported(text, { "modules.json": "{" }), "MODEL_INVALID", /modules\.json: not JSON/],
    [
      "a picture encoder that is said to be of another size",
      () => exported(image, { "preprocessor_config.json": { size: 7 } }),
      "MODEL_INVALID",
      /and its settings say 7/,
    ],
    [
      "pooling that is not supported",
      () => exported(text, { "1_Pooling/config.json": { pooling_mode_lasttoken: true } }),
      "MODEL_INVALID",
      /neither mean nor cls/,
    ],
  ])("refuses %s", async (_, make, code, message) => {
    await expect(describeModelFolder(make())).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe("settings of an exported folder", () => {
  it("give the preparation of CLIP, of ConvNext and of a plain resize", async () => {
    const settingsOf = async (config: object): Promise<ImageSettings["image"]> =>
      (await readImageSettings(exported({}, { "preprocessor_config.json": config }))).image;
    const clip = {
      size: { shortest_edge: 224 },
      crop_size: { height: 224, width: 224 },
      do_center_crop: true,
      resample: 3,
    };
    expect(await settingsOf(clip)).toMatchObject({
      size: 224,
      resize: { rule: "crop", shortSide: 224 },
      filter: "bicubic",
    });
    expect(await settingsOf({ size: { shortest_edge: 224 }, crop_pct: 0.875, resample: 3 })).toMatchObject({
      size: 224,
      resize: { rule: "crop", shortSide: 256 },
    });
    const plain = { size: { height: 384, width: 384 }, resample: 2, do_normalize: false };
    expect(await settingsOf(plain)).toMatchObject({
      size: 384,
      resize: { rule: "stretch" },
      mean: [0, 0, 0],
      std: [1, 1, 1],
    });
    await expect(settingsOf({ resample: 0 })).rejects.toMatchObject({ code: "MODEL_INVALID" });
    await expect(settingsOf({ size: { height: 2, width: 3 } })).rejects.toThrow("expected a square");
  });

  it("take no limit for 512 tokens, and say so", async () => {
    const folder = exported({}, { "tokenizer_config.json": { model_max_length: 1e30 } });
    const { text: prepared, assumed } = await readTextSettings(folder, "tokenizer.json");
    expect([prepared.maximumLength, assumed]).toEqual([
      512,
      ["mean pooling", "vectors of length 1", "at most 512 tokens"],
    ]);
  });
});
