/** What people read when an encoder cannot be used: the file, what is wrong with it and what to do, never ONNX Runtime's own text. */
import { describe, expect, it } from "vitest";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { bytes, externalTensor, input, model, node, number, output } from "../../helpers/onnx-bytes.ts";
import { dimension, folderOf, tableTensor, textModel, tokenizerJson, vocabularySize } from "../exported-encoders.ts";

const pointer =
  "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 90405214\n";

const whole = { "model.onnx": textModel(), "tokenizer.json": tokenizerJson() };
const external = model(
  node("Gather", ["table", "input_ids"], ["last_hidden_state"]),
  externalTensor("table", [vocabularySize, dimension], "model.onnx_data"),
  input("input_ids", "int64", ["batch", "sequence"]),
  output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
);

/** A graph of one node over the ids, with operators of its own. */
const oneNode = (operator: string, domain = "") =>
  model(
    bytes(1, bytes(1, "input_ids"), bytes(2, "last_hidden_state"), bytes(4, operator), bytes(7, domain)),
    tableTensor,
    input("input_ids", "int64", ["batch", "sequence"]),
    output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
  );

const runtimeText = /onnxruntime|status message|non-zero status|protobuf|load model from|execution ?provider|\[E:/i;

describe("an encoder that cannot be used", () => {
  it.each<[string, Readonly<Record<string, Uint8Array | string | object>>, string, RegExp]>([
    [
      "a pointer in place of the model",
      { ...whole, "model.onnx": pointer },
      "MODEL_INVALID",
      /model\.onnx is a Git LFS pointer.*git lfs pull/,
    ],
    [
      "a pointer in place of its weights",
      { ...whole, "model.onnx": external, "model.onnx_data": pointer },
      "MODEL_INVALID",
      /model\.onnx_data is a Git LFS pointer/,
    ],
    [
      "a pointer in place of the tokenizer",
      { ...whole, "tokenizer.json": pointer },
      "MODEL_INVALID",
      /tokenizer\.json is a Git LFS pointer/,
    ],
    [
      "a pointer in place of settings",
      { ...whole, "config.json": pointer },
      "MODEL_INVALID",
      /config\.json is a Git LFS pointer/,
    ],
    [
      "no tokenizer",
      { "model.onnx": textModel() },
      "MODEL_INVALID",
      /expected a tokenizer\.json beside the model, there is none; copy it/,
    ],
    [
      "a vocabulary alone",
      { "model.onnx": textModel(), "vocab.txt": "red" },
      "MODEL_INVALID",
      /there is vocab\.txt alone/,
    ],
    ["an empty model", { ...whole, "model.onnx": "" }, "MODEL_INVALID", /model\.onnx is empty/],
    [
      "a web page in place of the model",
      { ...whole, "model.onnx": "<!doctype html><html></html>" },
      "MODEL_INVALID",
      /not an ONNX model/,
    ],
    [
      "half a model",
      { ...whole, "model.onnx": whole["model.onnx"].subarray(0, 90) },
      "MODEL_INVALID",
      /not an ONNX model/,
    ],
    [
      "an unknown operator",
      { ...whole, "model.onnx": oneNode("Frobnicate") },
      "MODEL_INVALID",
      /the operator Frobnicate/,
    ],
    [
      "an operator of others",
      { ...whole, "model.onnx": oneNode("Twist", "com.example") },
      "MODEL_INVALID",
      /the operator Twist/,
    ],
    [
      "an operator set of the future",
      { ...whole, "model.onnx": Buffer.concat([textModel(), bytes(8, number(2, 999))]) },
      "MODEL_INVALID",
      /export it again with operator set/,
    ],
    [
      "a format of the future",
      { ...whole, "model.onnx": Buffer.concat([textModel(), number(1, 999)]) },
      "MODEL_INVALID",
      /newer ONNX Runtime/,
    ],
    [
      "a graph that is not valid",
      { ...whole, "model.onnx": oneNode("Gather") },
      "MODEL_INVALID",
      /its graph is not valid/,
    ],
    [
      "the tokenizer of a larger vocabulary",
      { ...whole, "tokenizer.json": tokenizerJson().replace('"mug":7', '"mug":700') },
      "MODEL_INVALID",
      /in its operator Gather .*the tokenizer is that of another model/,
    ],
  ])("for %s says so", async (_, files, code, message) => {
    const error: unknown = await describeModelFolder(folderOf(files)).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(Object(error).message).not.toMatch(runtimeText);
  });
});
