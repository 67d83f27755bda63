/** Text encoders as exporters leave them: whatever types, sizes and inputs a graph has, the vectors are those of its equations. */
import { describe, expect, it } from "vitest";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { readTextSettings } from "../../../src/encoders/text/text-settings.ts";
import { type Element, input, model, node, output, tensor } from "../../helpers/onnx-bytes.ts";
import {
  dimension,
  folderOf,
  meanOf,
  tableRow,
  tableTensor,
  textModel,
  tokenizerJson,
  vectorsOf,
} from "../exported-encoders.ts";

const texts = ["red mug", "blue stoneware lamp, green kettle", "hex bolt"];
const tokens = [
  ["[CLS]", "red", "mug", "[SEP]"],
  ["[CLS]", "blue", "stone", "##ware", "lamp", ",", "green", "kettle", "[SEP]"],
  ["[CLS]", "hex", "bolt", "[SEP]"],
];
const tokenizer = tokenizerJson();

async function added(graph: Uint8Array, files: Readonly<Record<string, string | object>> = {}, options = {}) {
  const folder = folderOf({ "model.onnx": graph, "tokenizer.json": tokenizer, ...files });
  const result = await describeModelFolder(folder, options);
  return { result, folder, vectors: await vectorsOf(folder, result, texts) };
}

function expectNear(received: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  const worst = expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - received[i][j])));
  expect(Math.max(...worst)).toBeLessThan(2e-3);
}

const mean = tokens.map((row) => meanOf(row));
const ones = (name: string, element: Element) => input(name, element, ["batch", "sequence"]);

describe("a text graph", () => {
  it.each<[string, Uint8Array]>([
    ["ids of 32 bits", textModel({ element: "int32" })],
    ["output of half precision", textModel({ outputElement: "float16" })],
    ["output of double precision", textModel({ outputElement: "float64" })],
    ["a batch of exactly 1", textModel({ shape: [1, "sequence"] })],
    ["a batch of exactly 4", textModel({ shape: [4, "sequence"] })],
    ["exactly 64 tokens", textModel({ shape: ["batch", 64] })],
    ["exactly 4 texts of 16 tokens, of 32 bits", textModel({ shape: [4, 16], element: "int32" })],
    ["dimensions without usual names", textModel({ shape: ["a", "b"] })],
    ["ids under TensorFlow's name", textModel({ ids: "input_word_ids" })],
    [
      "mask, types and positions of three types",
      textModel({
        inputs: [ones("attention_mask", "bool"), ones("token_type_ids", "int32"), ones("position_ids", "int64")],
      }),
    ],
    ["a floating mask", textModel({ inputs: [ones("attention_mask", "float32")] })],
    ["a task's number", textModel({ inputs: [input("task_id", "int64", [])] })],
    ["a task's number in a list", textModel({ inputs: [input("task_id", "int32", [1])] })],
  ])("with %s gives the mean of the tokens' vectors", async (_, graph) => {
    const { vectors, result } = await added(graph);
    expectNear(vectors, mean);
    expect(result.batchDependence).toBeLessThan(1e-5);
  });

  it("that adds positions is given those of the tokens, padding or not", async () => {
    const row = (id: number, place: number) => tableRow(id).map((value) => value + place);
    const graph = model(
      node("Gather", ["table", "input_ids"], ["words"]),
      node("Unsqueeze", ["position_ids", "axis"], ["column"]),
      node("Cast", ["column"], ["places"], { to: 1 }),
      node("Add", ["words", "places"], ["last_hidden_state"]),
      tableTensor,
      tensor("axis", [1], BigInt64Array.of(2n)),
      input("input_ids", "int64", ["batch", "sequence"]),
      input("position_ids", "int64", ["batch", "sequence"]),
      output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
    );
    expectNear(
      (await added(graph)).vectors,
      tokens.map((each) => meanOf(each, row)),
    );
  });

  it("that reads its mask is given 1 for tokens and 0 for padding, whatever the type", async () => {
    for (const element of ["int64", "int32", "float32", "float16"] as const) {
      const graph = model(
        node("Gather", ["table", "input_ids"], ["words"]),
        node("Cast", ["attention_mask"], ["mask"], { to: 1 }),
        node("Unsqueeze", ["mask", "axis"], ["column"]),
        node("Mul", ["words", "column"], ["kept"]),
        node("ReduceSum", ["kept", "one"], ["sum"], { keepdims: 0 }),
        node("ReduceSum", ["mask", "one"], ["count"], { keepdims: 1 }),
        node("Div", ["sum", "count"], ["pooled"]),
        node("Cast", ["pooled"], ["sentence_embedding"], { to: 10 }),
        tableTensor,
        tensor("axis", [1], BigInt64Array.of(2n)),
        tensor("one", [1], BigInt64Array.of(1n)),
        input("input_ids", "int64", ["batch", "sequence"]),
        input("attention_mask", element, ["batch", "sequence"]),
        output("sentence_embedding", "float16", ["batch", dimension]),
      );
      const { vectors, result } = await added(graph);
      expectNear(vectors, mean);
      expect(result).toMatchObject({ outputType: "float16", manifest: { outputName: "sentence_embedding" } });
      expect(Object(result.manifest).text.pooling).toBeUndefined();
    }
  });

  it("without a mask is never given padding: a text has one vector, alone and among longer ones", async () => {
    const graph = model(
      node("Gather", ["table", "input_ids"], ["words"]),
      node("ReduceMean", ["words"], ["sentence_embedding"], { axes: [1], keepdims: 0 }),
      tableTensor,
      input("input_ids", "int64", ["batch", "sequence"]),
      output("sentence_embedding", "float32", ["batch", dimension]),
    );
    const { vectors, result } = await added(graph);
    expectNear(vectors, mean);
    expect(result.batchDependence).toBeLessThan(1e-5);
  });

  it("that says nothing of its shapes is fed like any other", async () => {
    const graph = model(
      node("Gather", ["table", "input_ids"], ["last_hidden_state"]),
      tableTensor,
      input("input_ids", "int64", undefined),
      output("last_hidden_state", "float32", undefined),
    );
    expectNear((await added(graph)).vectors, mean);
  });

  it("with vectors of tokens and of texts gives those that the folder's settings ask for", async () => {
    const graph = model(
      node("Gather", ["table", "input_ids"], ["token_embeddings"]),
      node("ReduceMax", ["token_embeddings"], ["sentence_embedding"], { axes: [1], keepdims: 0 }),
      tableTensor,
      input("input_ids", "int64", ["batch", "sequence"]),
      output("token_embeddings", "float32", ["batch", "sequence", dimension]),
      output("sentence_embedding", "float32", ["batch", dimension]),
    );
    expect((await added(graph)).result.manifest.outputName).toBe("sentence_embedding");
    const pooled = await added(graph, { "1_Pooling/config.json": { pooling_mode_mean_tokens: true } });
    expect(pooled.result.manifest.outputName).toBe("token_embeddings");
    expectNear(pooled.vectors, mean);
  });

  it("is given the numbers that --input names, and they stand in the manifest", async () => {
    const graph = model(
      node("Gather", ["table", "input_ids"], ["words"]),
      node("Cast", ["shift"], ["number"], { to: 1 }),
      node("Add", ["words", "number"], ["last_hidden_state"]),
      tableTensor,
      input("input_ids", "int64", ["batch", "sequence"]),
      input("shift", "int64", [1]),
      output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
    );
    const { vectors, result } = await added(graph, {}, { inputs: { shift: 2 } });
    const shifted = (id: number) => tableRow(id).map((value) => value + 2);
    expectNear(
      vectors,
      tokens.map((each) => meanOf(each, shifted)),
    );
    expect(Object(result.manifest).text.inputs).toEqual({ shift: 2 });
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      "an input that texts do not give",
      textModel({ inputs: [input("pixels", "float32", ["n", 3, 8, 8])] }),
      /pixels .*--input/,
    ],
    [
      "texts as strings",
      textModel({ inputs: [input("attention_mask", "string", ["n", "t"])] }),
      /attention_mask string/,
    ],
    ["tokens before texts", textModel({ shape: ["sequence_length", "batch_size"] }), /texts first/],
    ["ids without texts", textModel({ shape: ["sequence"] }), /input_ids int64 sequence/],
    ["whole numbers as its output", textModel({ outputElement: "int64" }), /last_hidden_state int64/],
  ])("with %s is refused, by its name and with a remedy", async (_, graph, message) => {
    await expect(added(graph)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(message),
    });
  });
});

/** Positions for 10 tokens, added to the tokens' vectors. */
const ofTenPositions = model(
  node("Gather", ["table", "input_ids"], ["words"]),
  node("Shape", ["input_ids"], ["length"], { start: 1 }),
  node("Concat", ["none", "length"], ["sizes"], { axis: 0 }),
  node("Slice", ["positions", "none", "length"], ["used"]),
  node("Unsqueeze", ["used", "none"], ["row"]),
  node("Add", ["words", "row"], ["last_hidden_state"]),
  tableTensor,
  tensor("none", [1], BigInt64Array.of(0n)),
  tensor("positions", [10, dimension], new Float32Array(10 * dimension)),
  input("input_ids", "int64", ["batch", "sequence"]),
  output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
);

describe("the longest text", () => {
  it("is as many tokens as config.json has positions for; longer texts are cut", async () => {
    const config = { model_type: "bert", max_position_embeddings: 10 };
    const { result, folder } = await added(ofTenPositions, { "config.json": config });
    expect(result.manifest).toMatchObject({ text: { maximumLength: 10 } });
    expect(result.assumed.join()).not.toContain("tokens");
    const [long] = await vectorsOf(folder, result, ["red mug ".repeat(300)]);
    const words = ["red", "mug", "red", "mug", "red", "mug", "red", "mug"];
    expectNear([long], [meanOf(["[CLS]", ...words, "[SEP]"])]);
  });

  it("that no file tells and the graph cannot take is named, with the remedy", async () => {
    await expect(added(ofTenPositions)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/fails in its operator Add on inputs of input_ids 1 x \d+.*--maximum-length/),
    });
    const { result } = await added(ofTenPositions, {}, { maximumLength: 9 });
    expect(result.manifest).toMatchObject({ text: { maximumLength: 9 } });
  });

  it.each<[string, Readonly<Record<string, object>>, number]>([
    ["the positions of BERT", { "config.json": { max_position_embeddings: 130, model_type: "bert" } }, 130],
    [
      "RoBERTa's, which begin behind the padding",
      { "config.json": { max_position_embeddings: 514, model_type: "xlm-roberta", pad_token_id: 1 } },
      512,
    ],
    [
      "sentence-transformers' own length",
      { "sentence_bert_config.json": { max_seq_length: 128 }, "tokenizer_config.json": { model_max_length: 512 } },
      128,
    ],
    [
      "the lesser of length and positions",
      { "tokenizer_config.json": { model_max_length: 512 }, "config.json": { max_position_embeddings: 130 } },
      130,
    ],
    [
      "positions where the tokenizer has no limit",
      { "tokenizer_config.json": { model_max_length: 1e30 }, "config.json": { max_position_embeddings: 77 } },
      77,
    ],
    [
      "the truncation of tokenizer.json",
      { "tokenizer.json": { truncation: { max_length: 64, strategy: "LongestFirst" } } },
      64,
    ],
    ["the usual where there are more positions", { "config.json": { max_position_embeddings: 8192 } }, 512],
  ])("follows %s", async (_, files, expected) => {
    const { text } = await readTextSettings(folderOf(files), "tokenizer.json");
    expect(text.maximumLength).toBe(expected);
  });
});
