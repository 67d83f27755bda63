import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bertModel } from "../../../models/encoders/bert.ts";
import { loadManifestFor } from "../../../src/encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../../src/encoders/models/model-files.ts";
import type { BatchEncoder } from "../../../src/encoders/run/encoder.ts";
import { openTextEncoder } from "../../../src/encoders/text/text-encoder.ts";
import { openTokenizer } from "../../../src/encoders/text/tokenizer.ts";
import { builtIn, cosine, filesIn, repository } from "../encoding-fixtures.ts";

const texts = [
  "Stainless steel water bottle, 750 ml",
  "A quiet desk lamp for long evenings. The arm bends, the shade turns, and the light stays warm until you switch it off.",
  "mug",
  "Größe M, 20 °C, 3 m² — Привет, κόσμε, 東京 ☕",
];

const opening = await builtIn("text");
const { dimension } = opening.manifest;
let encoder: BatchEncoder;

beforeAll(async () => {
  encoder = await openTextEncoder(opening);
});
afterAll(() => encoder.close());

const rowsOf = (vectors: Float32Array): Float32Array[] =>
  Array.from({ length: vectors.length / dimension }, (_, i) => vectors.slice(i * dimension, (i + 1) * dimension));

/** Hidden states of one text, computed without padding. */
async function statesOf(text: string): Promise<Float32Array[]> {
  const tokenizer = await openTokenizer(opening.files["tokenizer.json"], opening.manifest.text);
  const ids = BigInt64Array.from(tokenizer.encode(text), BigInt);
  const session = await InferenceSession.create(opening.files["model.onnx"]);
  const shape = [1, ids.length];
  const outputs = await session.run({
    input_ids: new Tensor("int64", ids, shape),
    attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), shape),
  });
  const states = rowsOf(Float32Array.from(outputs.last_hidden_state.data as Float32Array));
  await session.release();
  return states;
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function expectClose(received: Float32Array, expected: readonly number[], tolerance: number): void {
  const worst = Math.max(...expected.map((value, j) => Math.abs(value - received[j])));
  expect(worst).toBeLessThan(tolerance);
}

describe("text encoder", () => {
  it("is the mean of the unpadded hidden states at length 1, whatever padding the batch needed", async () => {
    const { vectors, failures } = await encoder.encode(texts);
    expect(failures).toEqual([]);
    for (const [i, vector] of rowsOf(vectors).entries()) {
      const states = await statesOf(texts[i]);
      const mean = Array.from(
        { length: dimension },
        (_, j) => states.reduce((sum, s) => sum + s[j], 0) / states.length,
      );
      expectClose(vector, unit(mean), 1e-5);
    }
  });

  it("takes the first token when the manifest says cls, and keeps its length when it says so", async () => {
    const text = { ...opening.manifest.text, pooling: "cls" as const, normalise: false };
    const other = await openTextEncoder({ ...opening, manifest: { ...opening.manifest, text } });
    const { vectors } = await other.encode([texts[0]]);
    await other.close();
    expectClose(vectors, Array.from((await statesOf(texts[0]))[0]), 1e-5);
  });

  it("gives a text the same vector alone and among a hundred others", async () => {
    const many = Array.from({ length: 100 }, (_, i) => "word ".repeat(1 + (i % 60)) + i);
    const together = rowsOf((await encoder.encode([...many, ...texts])).vectors).slice(many.length);
    for (const [i, text] of texts.entries()) {
      expectClose((await encoder.encode([text])).vectors, Array.from(together[i]), 1e-5);
    }
  });

  it("encodes enormous, empty-looking and foreign texts", async () => {
    const odd = [
      "lorem ipsum ".repeat(200_000),
      "  \u0000 \n ",
      "日本語のタイトル",
      "🙂🙂🙂",
      "\ud800 half a surrogate pair",
    ];
    const { vectors, failures } = await encoder.encode(odd);
    expect(failures).toEqual([]);
    expect(vectors.every(Number.isFinite)).toBe(true);
  });

  it("feeds token types of zero to a graph that takes them", async () => {
    const { model } = JSON.parse(readFileSync(opening.files["tokenizer.json"], "utf8"));
    const salience = Object.keys(model.vocab).map(() => 1);
    const shape = { width: 8, layers: 1, heads: 2, feedForward: 8, positions: 32, seed: 1 };
    const { "model.onnx": path } = filesIn({ "model.onnx": bertModel(shape, salience) });
    const manifest = { ...opening.manifest, dimension: 8 };
    const typed = await openTextEncoder({ ...opening, manifest, files: { ...opening.files, "model.onnx": path } });
    const [short, long] = [await typed.encode(["mug"]), await typed.encode(["mug", "a blue mug of stoneware"])];
    await typed.close();
    expectClose(short.vectors, Array.from(long.vectors.subarray(0, 8)), 1e-5);
  });

  it("puts related goods without a common word nearer than goods of another kind", async () => {
    const { vectors } = await encoder.encode([
      "running shoes for women",
      "leather sneakers",
      "cordless drill, 18 V",
      "electric screwdriver",
    ]);
    const [shoes, sneakers, drill, screwdriver] = rowsOf(vectors);
    expect(cosine(shoes, sneakers)).toBeGreaterThan(cosine(shoes, drill) + 0.2);
    expect(cosine(drill, screwdriver)).toBeGreaterThan(cosine(sneakers, screwdriver) + 0.2);
  });

  it("puts texts that share words nearer than texts that do not", async () => {
    const { vectors } = await encoder.encode([
      "blue canvas running shoes",
      "red canvas running shoes",
      "electric tea kettle",
    ]);
    const [blue, red, kettle] = rowsOf(vectors);
    expect(cosine(blue, red)).toBeGreaterThan(cosine(blue, kettle) + 0.3);
  });
});

describe("tokenizer", () => {
  it("cuts a long text at the maximum length and keeps the closing token", async () => {
    const path = opening.files["tokenizer.json"];
    const full = (await openTokenizer(path, { maximumLength: 256 })).encode("one two three four five six");
    const cut = (await openTokenizer(path, { maximumLength: 5 })).encode("one two three four five six");
    expect(cut).toEqual([...full.slice(0, 4), full.at(-1)]);
  });

  it("splits words of the covered scripts without an unknown token", async () => {
    const { model } = JSON.parse(readFileSync(opening.files["tokenizer.json"], "utf8"));
    const tokenizer = await openTokenizer(opening.files["tokenizer.json"], { maximumLength: 256 });
    const words = "Zxqvw123 Łódź naïve €45 ½ Σωκράτης Москва カメラ x-ray's (50%) §7";
    expect(tokenizer.encode(words)).not.toContain(model.vocab["[UNK]"]);
  });
});

const shared = join(repository, "../shared/models/static-bge64");

describe.skipIf(!existsSync(shared))("text encoder against the reference (needs ../shared/models)", () => {
  const golden = () =>
    JSON.parse(readFileSync(join(shared, "golden.json"), "utf8")) as {
      sentences: string[];
      ids: number[][];
      mean_pooled_cosine: number[][];
    };

  it("gives the token ids of the reference", async () => {
    const tokenizer = await openTokenizer(join(shared, "tokenizer.json"), { maximumLength: 512 });
    const { sentences, ids } = golden();
    expect(sentences.map((sentence) => tokenizer.encode(sentence))).toEqual(ids);
  });

  it("gives the cosines of the reference within 1e-4", async () => {
    const located = await loadManifestFor("text", "static-bge64", repository);
    const files = await verifiedModelFiles(located);
    const reference = await openTextEncoder({ manifest: located.manifest, files, threads: 1 });
    const { sentences, mean_pooled_cosine } = golden();
    const { vectors } = await reference.encode(sentences);
    await reference.close();
    const rows = sentences.map((_, i) => vectors.subarray(i * 64, (i + 1) * 64));
    for (const [i, expected] of mean_pooled_cosine.entries()) {
      for (const [j, value] of expected.entries())
        expect(Math.abs(cosine(rows[i], rows[j]) - value)).toBeLessThan(1e-4);
    }
  });
});
