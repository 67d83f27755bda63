/** Encoders of one's own through the command: all their files count, what they cannot do is said in words, what is closed too. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { dimension, folderOf, tableTensor, tokenizerJson, vocabularySize } from "../encoders/exported-encoders.ts";
import { runDenied } from "../helpers/denied.ts";
import { externalTensor, input, model, node, output, tensor } from "../helpers/onnx-bytes.ts";
import { main, tailrec } from "./tailrec.ts";

const WORDS = ["red", "blue", "green", "mug", "lamp", "kettle", "stoneware", "hex", "bolt"];
const ITEMS = Array.from({ length: 30 }, (_, i) => ({
  id: `i${i}`,
  title: `${WORDS[i % 3]} ${WORDS[3 + (i % 6)]} ${WORDS[Math.floor(i / 6)]}`,
}));
const EVENTS = Array.from({ length: 240 }, (_, n) => `u${n % 40},i${(n * 7 + Math.floor(n / 40)) % 30}`);

const ids = input("input_ids", "int64", ["batch", "sequence"]);
const states = output("last_hidden_state", "float32", ["batch", "sequence", dimension]);

const externalModel = model(
  node("Gather", ["table", "input_ids"], ["last_hidden_state"]),
  externalTensor("table", [vocabularySize, dimension], "model.onnx_data"),
  ids,
  states,
);

/** Adds a row of ten numbers to the ids: longer texts fail. */
const tenTokens = model(
  node("Gather", ["table", "input_ids"], ["words"]),
  node("Slice", ["positions", "none", "length"], ["used"]),
  node("Shape", ["input_ids"], ["length"], { start: 1 }),
  node("Unsqueeze", ["used", "none"], ["row"]),
  node("Add", ["words", "row"], ["last_hidden_state"]),
  tableTensor,
  tensor("none", [1], BigInt64Array.of(0n)),
  tensor("positions", [10, dimension], new Float32Array(10 * dimension)),
  ids,
  states,
);

function weights(seed: number): Buffer {
  return Buffer.from(Float32Array.from({ length: vocabularySize * dimension }, (_, i) => Math.sin(seed + i)).buffer);
}

/** A shop whose pipeline names the encoder in `enc`, added already; gives its folder. */
async function shopWith(encoder: Readonly<Record<string, Uint8Array | string | object>>, long = "", ...more: string[]) {
  const files = Object.fromEntries(Object.entries(encoder).map(([name, content]) => [`enc/${name}`, content]));
  const titles = ITEMS.map(({ id, title }, i) => `${id},${i === 7 ? title + long : title},pictures/p${i}.png\n`);
  const folder = folderOf({
    ...files,
    "events.csv": `user_id,item_id\n${EVENTS.join("\n")}\n`,
    "items.csv": `item_id,title,image\n${titles.join("")}`,
    "pipeline.yaml": `name: own
data:
  interactions: { path: events.csv }
  items: { path: items.csv, columns: { title: title } }
collaborative: { rank: 4, iterations: 2 }
features: { text: { encoder: ./enc/tailrec-encoder.json }, lexical: null, attributes: null }
output: out
`,
  });
  chmodSync(folder, 0o755);
  const added = await tailrec("models", "add", join(folder, "enc"), ...more);
  expect(added).toMatchObject({ status: 0 });
  return folder;
}

const runtimeText = /onnxruntime|status message|non-zero status|protobuf|broadcast/i;

describe("an encoder with weights in a further file", () => {
  it("is refused by verify, validate, run and embed once they are replaced; added anew, nothing old is reused", async () => {
    const folder = await shopWith({
      "model.onnx": externalModel,
      "model.onnx_data": weights(1),
      "tokenizer.json": tokenizerJson(),
    });
    const pipeline = join(folder, "pipeline.yaml");
    const [bundle, manifest] = [join(folder, "out", "bundle"), join(folder, "enc", "tailrec-encoder.json")];
    const run = (out: string) => tailrec("run", pipeline, "--no-evaluate", "--quiet", "--output", join(folder, out));
    expect(await run("out")).toMatchObject({ status: 0 });
    writeFileSync(join(folder, "enc/model.onnx_data"), weights(2));
    const items = join(folder, "items.csv");
    const refused = await Promise.all([
      tailrec("models", "verify", manifest),
      tailrec("validate", bundle),
      tailrec("embed", "--bundle", bundle, "--items", items, "--out", join(folder, "v.jsonl")),
      run("out2"),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([2, 2, 2, 2]);
    for (const { stdout, stderr } of refused) expect(stdout + stderr).toMatch(/model\.onnx_data has sha256/);
    await tailrec("models", "add", join(folder, "enc"));
    expect(await run("out3")).toMatchObject({ status: 0 });
    const features = ["out", "out3"].map((out) => readFileSync(join(folder, out, "bundle/features.safetensors")));
    expect(features[0].equals(features[1])).toBe(false);
    rmSync(join(folder, "enc/model.onnx_data"));
    expect(await tailrec("models", "verify", manifest)).toMatchObject({ status: 3 });
  });
});

describe("a title that is longer than an encoder's positions", () => {
  const long = " red mug".repeat(100);

  it("is cut where config.json tells how many there are", async () => {
    const encoder = { "model.onnx": tenTokens, "tokenizer.json": tokenizerJson() };
    const folder = await shopWith({ ...encoder, "config.json": { max_position_embeddings: 10 } }, long);
    const { status, stdout } = await tailrec("run", join(folder, "pipeline.yaml"), "--no-evaluate");
    expect([status, stdout]).toEqual([0, expect.stringContaining(`text: ${dimension} dimensions`)]);
  });

  it("ends the run as MODEL_INVALID, with the remedy, where the manifest is wrong about it", async () => {
    const encoder = { "model.onnx": tenTokens, "tokenizer.json": tokenizerJson() };
    const folder = await shopWith(encoder, long, "--maximum-length", "10");
    const manifest = join(folder, "enc", "tailrec-encoder.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"maximumLength": 10', '"maximumLength": 512'));
    const { status, stdout, stderr } = await tailrec("run", join(folder, "pipeline.yaml"), "--no-evaluate");
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^tailrec: MODEL_INVALID: .*model\.onnx: the graph fails in its operator \w+ .*lower text\.maximumLength/,
    );
    expect(stdout + stderr).not.toMatch(runtimeText);
  });
});

describe("permission denied", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await shopWith({
      "model.onnx": externalModel,
      "model.onnx_data": weights(1),
      "tokenizer.json": tokenizerJson(),
    });
  });

  /** A folder that every user may write. */
  function ownedByAll(name: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    chmodSync(path, 0o777);
    return path;
  }

  it("is said as such of an encoder's files, its manifest and its folder, whoever reads them", async () => {
    const manifest = join(folder, "enc", "tailrec-encoder.json");
    const pipeline = join(folder, "pipeline.yaml");
    const own = ownedByAll("own-run");
    for (const [closed, ...command] of [
      ...["model.onnx", "model.onnx_data", "tokenizer.json", "tailrec-encoder.json", "."].map((name) => [
        name,
        "models",
        "verify",
        manifest,
      ]),
      ["model.onnx_data", "models", "add", join(folder, "enc")],
      [".", "models", "add", join(folder, "enc")],
      ["tokenizer.json", "validate", pipeline],
      ["model.onnx", "run", pipeline, "--no-evaluate", "--output", join(own, "out"), "--cache", join(own, "cache")],
    ]) {
      const { status, output: said } = await runDenied([join(folder, "enc", closed)], [main, ...command]);
      expect(said).toMatch(/permission denied/);
      expect(said).not.toMatch(/INTERNAL|EACCES|does not exist|there is none/);
      expect(status).toBe(2);
    }
  });

  it("is said as such of pictures, of one by its item and of all by the run", async () => {
    const pictures = join(folder, "pictures");
    mkdirSync(pictures);
    const png = await sharp({ create: { width: 40, height: 40, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    for (const i of ITEMS.keys()) writeFileSync(join(pictures, `p${i}.png`), png);
    const pipeline = join(folder, "pictures.yaml");
    const text = readFileSync(join(folder, "pipeline.yaml"), "utf8")
      .replace("text: { encoder: ./enc/tailrec-encoder.json }", "image: {}, text: null")
      .replace("columns: { title: title }", "columns: { title: title, image: image }");
    writeFileSync(pipeline, text);
    const one = await runDenied([join(pictures, "p3.png")], [main, "validate", pipeline]);
    expect(one.output).toMatch(/p3\.png cannot be read: permission denied/);
    const all = await runDenied([pictures], [main, "validate", pipeline]);
    expect(all.output).toMatch(/FAIL {2}pictures .*permission denied/);
  });

  it("is said as such of a cache of vectors that others own", async () => {
    const cache = join(folder, "cache");
    const run = ["run", join(folder, "pipeline.yaml"), "--no-evaluate", "--cache", cache];
    expect(await tailrec(...run, "--output", join(folder, "own"))).toMatchObject({ status: 0 });
    const { status, output: said } = await runDenied([cache], [main, ...run, "--output", ownedByAll("other")]);
    expect([status, said]).toEqual([2, expect.stringMatching(/permission denied/)]);
    const stats = await runDenied([cache], [main, "cache", "stats", "--cache", cache]);
    expect([stats.status, stats.output]).toEqual([2, expect.stringMatching(/permission denied/)]);
  });
});
