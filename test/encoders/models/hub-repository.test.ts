/** Repositories and folders in the layout of Transformers.js, without a manifest: fetched when asked, tried, then used like any encoder. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { parsePipeline } from "../../../src/config.ts";
import { loadManifest, loadManifestFor } from "../../../src/encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../../src/encoders/models/model-files.ts";
import { pullEncoders } from "../../../src/experiment/checks/encoders.ts";
import { encodeCatalog, encodedFor } from "../../../src/features/encode-catalog.ts";
import type { FeatureOptionsInput } from "../../../src/features/feature-options.ts";
import { type HostedRepository, type HubServer, startHub } from "../../helpers/hub-server.ts";
import { input, model, node, output, tensor } from "../../helpers/onnx-bytes.ts";
import { catalogOf, cosine, temporaryFolder } from "../encoding-fixtures.ts";
import { folderOf, meanOf, textModel, tokenizerJson, vocabulary, vocabularySize } from "../exported-encoders.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const trusting = { trustFirstUse: true };

/** Token vectors doubled: other weights of the same layout, whose vectors can be told from the first. */
const doubled = model(
  node("Gather", ["table", "input_ids"], ["last_hidden_state"]),
  tensor(
    "table",
    [vocabularySize, 3],
    Float32Array.from({ length: 3 * vocabularySize }, (_, i) => (i * i) % 7),
  ),
  input("input_ids", "int64", ["batch", "sequence"]),
  output("last_hidden_state", "float32", ["batch", "sequence", 3]),
);

const textFiles = {
  "config.json": JSON.stringify({ model_type: "bert", max_position_embeddings: 64 }),
  "tokenizer.json": tokenizerJson(),
  "tokenizer_config.json": JSON.stringify({ pad_token: "[PAD]", model_max_length: 64 }),
  "onnx/model.onnx": textModel(),
  "onnx/model_quantized.onnx": doubled,
};

/** Colours in words and in pixels, in one space of three dimensions. */
const colours = Float32Array.from({ length: 3 * vocabularySize }, (_, at) =>
  Number(at === 3 * vocabulary.red || at === 3 * vocabulary.green + 1 || at === 3 * vocabulary.blue + 2),
);
const axes = (name: string, ...values: bigint[]) => tensor(name, [values.length], BigInt64Array.from(values));
const clipFiles = {
  "config.json": JSON.stringify({ model_type: "clip" }),
  "tokenizer.json": tokenizerJson(),
  "tokenizer_config.json": JSON.stringify({ pad_token: "[SEP]", model_max_length: 16 }),
  "preprocessor_config.json": JSON.stringify({
    size: { shortest_edge: 8 },
    crop_size: { height: 8, width: 8 },
    do_center_crop: true,
    image_mean: [0, 0, 0],
    image_std: [1, 1, 1],
  }),
  "onnx/text_model.onnx": model(
    node("Gather", ["colours", "input_ids"], ["last_hidden_state"]),
    node("ReduceSum", ["last_hidden_state", "tokens"], ["text_embeds"], { keepdims: 0 }),
    tensor("colours", [vocabularySize, 3], colours),
    axes("tokens", 1n),
    input("input_ids", "int64", ["batch", "sequence"]),
    output("last_hidden_state", "float32", ["batch", "sequence", 3]),
    output("text_embeds", "float32", ["batch", 3]),
  ),
  "onnx/vision_model.onnx": model(
    node("ReduceMean", ["pixel_values"], ["image_embeds"], { axes: [2, 3], keepdims: 0 }),
    input("pixel_values", "float32", ["batch", 3, 8, 8]),
    output("image_embeds", "float32", ["batch", 3]),
  ),
};

let hub: HubServer | undefined;
afterEach(() => hub?.close());

async function hosting(repositories: Readonly<Record<string, HostedRepository>>) {
  hub = await startHub(repositories);
  return { modelFolder: temporaryFolder(), hubUrl: hub.url };
}

/** Vectors of one text block, one a title. */
async function textVectors(titles: readonly string[], text: FeatureOptionsInput["text"], context: object) {
  const encoded = await encodeCatalog(catalogOf({ titles }), { text }, context);
  const { values, columns } = encodedFor("text", encoded)?.vectors ?? { values: [], columns: 0 };
  return titles.map((_, i) => Array.from(values.slice(i * columns, (i + 1) * columns)));
}

const redMug = meanOf(["[CLS]", "red", "mug", "[SEP]"]);

describe("a repository of the hub without a manifest", () => {
  it("is fetched by the command alone, and its vectors are those of its files; other weights by dtype", async () => {
    const context = await hosting({ "owner/mini": { commit, files: textFiles } });
    const [pulled] = await pullEncoders(["owner/mini", "owner/mini#q8"], trusting, context);
    expect(Object.keys(pulled.files).sort()).toEqual(["onnx/model.onnx", "tokenizer.json"]);
    await expect(pullEncoders(["owner/mini#fp16"], trusting, context)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("owner/mini#fp32 or owner/mini#q8"),
    });
    hub?.close();
    const [first] = await textVectors(["red mug"], { encoder: "owner/mini" }, context);
    const [second] = await textVectors(["red mug"], { encoder: "owner/mini", dtype: "q8" }, context);
    expect(cosine(first, redMug)).toBeCloseTo(1, 6);
    expect(cosine(second, redMug)).toBeLessThan(0.99);
    const located = await loadManifest("owner/mini", ".", context.modelFolder);
    expect(located.manifest).toMatchObject({
      licence: "apache-2.0",
      source: { kind: "huggingface", repository: "owner/mini", revision: commit },
      text: { maximumLength: 64, pooling: "mean", normalise: true },
    });
    const tokenizer = pulled.files["tokenizer.json"];
    writeFileSync(tokenizer, `${readFileSync(tokenizer, "utf8")} `);
    await expect(verifiedModelFiles(located, context.modelFolder)).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });

  it.each(["owner/mini", `owner/mini@${commit}`, "owner/mini#q8"])(
    "%s is MODEL_MISSING with the command before that, and nobody is asked",
    async (encoder) => {
      const context = await hosting({ "owner/mini": { commit, files: textFiles } });
      await expect(textVectors(["red mug"], { encoder }, context)).rejects.toMatchObject({
        code: "MODEL_MISSING",
        message: expect.stringContaining(`"tailrec models pull ${encoder} --trust-first-use"`),
      });
      await expect(pullEncoders([encoder], { trustFirstUse: false }, context)).rejects.toMatchObject({
        code: "MODEL_MISSING",
      });
      expect(hub?.requests).toEqual([]);
    },
  );

  it("stays at the commit of its first pull when the hub moves on; another commit goes by its name", async () => {
    const later = "f".repeat(40);
    const hosted = { commit, files: textFiles };
    const context = await hosting({ "owner/mini": hosted });
    await pullEncoders(["owner/mini"], trusting, context);
    Object.assign(hosted, { commit: later, files: { ...textFiles, "onnx/model.onnx": doubled } });
    await pullEncoders(["owner/mini", `owner/mini@${later}`], trusting, context);
    const [before] = await textVectors(["red mug"], { encoder: "owner/mini" }, context);
    const [after] = await textVectors(["red mug"], { encoder: `owner/mini@${later}` }, context);
    expect(cosine(before, redMug)).toBeCloseTo(1, 6);
    expect(cosine(after, redMug)).toBeLessThan(0.99);
  });

  it("is refused when the hub answers with another commit than was asked for", async () => {
    const context = await hosting({ "owner/mini": { commit, files: textFiles } });
    await expect(pullEncoders([`owner/mini@${"a".repeat(40)}`], trusting, context)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining(`gives ${commit}`),
    });
  });

  it("says so when it has no ONNX weights", async () => {
    const { "onnx/model.onnx": _, "onnx/model_quantized.onnx": __, ...settings } = textFiles;
    const context = await hosting({ "owner/mini": { commit, files: settings } });
    await expect(pullEncoders(["owner/mini"], trusting, context)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("no ONNX weights in the layout of Transformers.js"),
    });
  });

  it("pools as 1_Pooling/config.json says", async () => {
    const files = { ...textFiles, "1_Pooling/config.json": JSON.stringify({ pooling_mode_cls_token: true }) };
    const context = await hosting({ "owner/mini": { commit, files } });
    await pullEncoders(["owner/mini"], trusting, context);
    const [vector] = await textVectors(["red mug"], { encoder: "owner/mini" }, context);
    expect(cosine(vector, meanOf(["[CLS]"]))).toBeCloseTo(1, 6);
  });
});

describe("a repository of CLIP's kind", () => {
  it("gives texts and pictures in one space: a red picture is nearest to the word", async () => {
    const context = await hosting({ "owner/clip": { commit, files: clipFiles } });
    await pullEncoders(["owner/clip"], trusting, context);
    const folder = temporaryFolder();
    const words = ["red", "green", "blue"];
    const colours = { red: "#e01010", green: "#10c020", blue: "#2010d0" };
    const images = await Promise.all(
      Object.entries(colours).map(async ([name, background]) => {
        const path = join(folder, `${name}.png`);
        await sharp({ create: { width: 20, height: 12, channels: 3, background } }).toFile(path);
        return path;
      }),
    );
    const options = { text: { encoder: "owner/clip" }, image: { encoder: "owner/clip" } };
    const encoded = await encodeCatalog(catalogOf({ titles: words, images }), options, context);
    const vectorsOf = (block: string) => encodedFor(block, encoded)?.vectors.values ?? new Float32Array();
    const [texts, pictures] = [vectorsOf("text"), vectorsOf("image")];
    const nearest = words.map((_, i) => {
      const cosines = words.map((__, j) => cosine(pictures.slice(3 * i, 3 * i + 3), texts.slice(3 * j, 3 * j + 3)));
      return words[cosines.indexOf(Math.max(...cosines))];
    });
    expect(nearest).toEqual(words);
    expect(pictures.slice(0, 3).reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
  });

  it("asks for its other side by the command when one alone was fetched", async () => {
    const context = await hosting({ "owner/clip": { commit, files: clipFiles } });
    await pullEncoders(["owner/clip"], { ...trusting, task: "text" }, context);
    await expect(loadManifestFor("image", "owner/clip", ".", context.modelFolder)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("pull owner/clip --task image --trust-first-use"),
    });
    await pullEncoders(["owner/clip"], { ...trusting, task: "image" }, context);
    await expect(loadManifestFor("image", "owner/clip", ".", context.modelFolder)).resolves.toBeDefined();
  });

  it("fills texts up to the maximum length where its kind was trained so", async () => {
    const siglip = { ...clipFiles, "config.json": JSON.stringify({ model_type: "siglip" }) };
    const { manifest } = await loadManifestFor("text", folderOf(siglip), ".");
    expect(manifest.text).toMatchObject({ padding: "maximum-length", maximumLength: 16 });
    // The padding is [SEP] by its config, and this graph sums whatever it is given.
    const counting = model(
      node("Gather", ["ones", "input_ids"], ["states"]),
      node("ReduceSum", ["states", "tokens"], ["pooler_output"], { keepdims: 0 }),
      tensor(
        "ones",
        [vocabularySize, 2],
        Float32Array.from({ length: 2 * vocabularySize }, (_, at) =>
          Number(at % 2 === 1 || at === 2 * vocabulary["[SEP]"]),
        ),
      ),
      axes("tokens", 1n),
      input("input_ids", "int64", ["batch", "sequence"]),
      output("pooler_output", "float32", ["batch", 2]),
    );
    const folder = folderOf({ ...siglip, "onnx/text_model.onnx": counting });
    const [vector] = await textVectors(["red"], { encoder: folder }, {});
    expect(vector[0] / vector[1]).toBeCloseTo(14 / 16, 6);
  });
});

describe("a local folder in the layout", () => {
  it("needs no manifest, its path starts at the pipeline, and it is tried again when a file changed", async () => {
    const folder = folderOf(textFiles);
    const [base, name] = [join(folder, ".."), folder.split("/").at(-1)];
    const [vector] = await textVectors(["red mug"], { encoder: `./${name}` }, { folder: base });
    expect(cosine(vector, redMug)).toBeCloseTo(1, 6);
    writeFileSync(join(folder, "onnx/model.onnx"), doubled);
    const [other] = await textVectors(["red mug"], { encoder: `./${name}` }, { folder: base });
    expect(cosine(other, redMug)).toBeLessThan(0.99);
  });

  it("without such weights says which there are", async () => {
    await expect(textVectors(["red"], { encoder: folderOf(textFiles), dtype: "q4" }, {})).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining("choose fp32 or q8"),
    });
  });
});

describe("names of encoders", () => {
  it.each([
    ["tailrec-text-small", "q8", /dtype q8 chooses among the weights of a folder/],
    ["owner/mini#q9", undefined, /no dtype "q9"; there are fp32, fp16/],
  ])("%s with dtype %s is INVALID_OPTIONS", async (encoder, dtype, message) => {
    const text = { encoder, ...(dtype === "q8" && { dtype: "q8" as const }) };
    await expect(textVectors(["red"], text, {})).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringMatching(message),
    });
  });

  it("a pipeline file takes dtype, and names the others where it is none", () => {
    const pipeline = (dtype: string) =>
      `name: x\ndata: { items: { path: i.csv, id: id, title: t } }\noutput: { folder: o }\nfeatures:\n  text: { encoder: a/b, dtype: ${dtype} }\n`;
    expect(() => parsePipeline(pipeline("q9"), "p.yaml")).toThrow(/features.text.dtype/);
  });
});
