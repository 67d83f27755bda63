/** An encoder is all its files: those that its graph keeps weights in are found, digested, required, and part of what the cache asks. */
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheAddress } from "../../../src/encoders/cache/embedding-cache.ts";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { loadManifest } from "../../../src/encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../../src/encoders/models/model-files.ts";
import { externalData } from "../../../src/math/onnx/external-data.ts";
import { bytes, externalTensor, graph, input, model, node, number, output } from "../../helpers/onnx-bytes.ts";
import { sha256 } from "../encoding-fixtures.ts";
import { dimension, folderOf, meanOf, table, tokenizerJson, vectorsOf, vocabularySize } from "../exported-encoders.ts";

const weights = Buffer.from(table.buffer);
const zeros = Buffer.alloc(weights.length);
const shape = [vocabularySize, dimension];

/** Token vectors from one external tensor, a second one added to them. */
function externalModel(first: string, second: string): Buffer {
  return model(
    node("Gather", ["table", "input_ids"], ["words"]),
    node("Gather", ["more", "input_ids"], ["additions"]),
    node("Add", ["words", "additions"], ["last_hidden_state"]),
    externalTensor("table", shape, first),
    externalTensor("more", shape, second),
    input("input_ids", "int64", ["batch", "sequence"]),
    output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
  );
}

const files = {
  "model.onnx": externalModel("model.onnx_data", "parts/more.bin"),
  "model.onnx_data": weights,
  "parts/more.bin": zeros,
  "tokenizer.json": tokenizerJson(),
};

/** A folder with the manifest that adding it makes. */
async function addedFolder() {
  const folder = folderOf(files);
  const result = await describeModelFolder(folder);
  const path = join(folder, "tailrec-encoder.json");
  writeFileSync(path, JSON.stringify(result.manifest));
  return { folder, result, verify: async () => verifiedModelFiles(await loadManifest(path, folder)) };
}

describe("weights in further files", () => {
  it("are all in the manifest with their digests, and decide the vectors", async () => {
    const { folder, result, verify } = await addedFolder();
    expect(result.manifest.files).toEqual(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)])),
    );
    await verify();
    const [vector] = await vectorsOf(folder, result, ["red mug"]);
    const expected = meanOf(["[CLS]", "red", "mug", "[SEP]"]);
    for (const [j, value] of expected.entries()) expect(vector[j]).toBeCloseTo(value, 5);
  });

  it.each(["model.onnx_data", "parts/more.bin"])(
    "%s, replaced, never verifies; added anew, it has another cache",
    async (name) => {
      const { folder, result, verify } = await addedFolder();
      const other = Buffer.from(readFileSync(join(folder, name)));
      other.writeFloatLE(7, 0);
      writeFileSync(join(folder, name), other);
      await expect(verify()).rejects.toMatchObject({ code: "MODEL_INVALID", message: expect.stringContaining(name) });
      const again = await describeModelFolder(folder);
      expect(cacheAddress(again.manifest)).not.toBe(cacheAddress(result.manifest));
    },
  );

  it("are required: one that is gone is MODEL_MISSING, and MODEL_INVALID on adding", async () => {
    const { folder, verify } = await addedFolder();
    rmSync(join(folder, "parts/more.bin"));
    await expect(verify()).rejects.toMatchObject({ code: "MODEL_MISSING" });
    await expect(describeModelFolder(folder)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("keeps weights in parts/more.bin, and there is no such file"),
    });
  });

  it("must be named by a manifest, also by one from before or by hand", async () => {
    const { folder, result } = await addedFolder();
    const { "parts/more.bin": _, ...named } = result.manifest.files;
    const path = join(folder, "by-hand.json");
    writeFileSync(path, JSON.stringify({ ...result.manifest, files: named }));
    await expect(verifiedModelFiles(await loadManifest(path, folder))).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/keeps weights in parts\/more\.bin, which its manifest does not name.*models add/),
    });
  });

  it("lie beside the model, wherever in the folder that is", async () => {
    const folder = folderOf({
      "onnx/model.onnx": files["model.onnx"],
      "onnx/model.onnx_data": weights,
      "onnx/parts/more.bin": zeros,
      "tokenizer.json": files["tokenizer.json"],
    });
    const { manifest } = await describeModelFolder(folder);
    expect(Object.keys(manifest.files)).toEqual([
      "onnx/model.onnx",
      "onnx/model.onnx_data",
      "onnx/parts/more.bin",
      "tokenizer.json",
    ]);
  });

  it.each(["../more.bin", "/etc/passwd", "parts/../../more.bin", "..\\more.bin", "C:\\more.bin", "", "a\0b", "."])(
    "are refused outside the model's folder: %j",
    async (location) => {
      const folder = folderOf({ ...files, "model.onnx": externalModel("model.onnx_data", location) });
      await expect(describeModelFolder(folder)).rejects.toMatchObject({
        code: "MODEL_INVALID",
        message: expect.stringContaining("outside the model's folder"),
      });
    },
  );

  it("behind a link that leaves the folder are refused in words about the model", async () => {
    const elsewhere = folderOf({ "more.bin": zeros });
    const folder = folderOf({ ...files, "model.onnx": externalModel("model.onnx_data", "linked.bin") });
    symlinkSync(join(elsewhere, "more.bin"), join(folder, "linked.bin"));
    await expect(describeModelFolder(folder)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("its external data cannot be read as the model says"),
    });
  });

  it("that are too short are refused in words about the model", async () => {
    const folder = folderOf({ ...files, "parts/more.bin": zeros.subarray(0, 10) });
    await expect(describeModelFolder(folder)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("its external data cannot be read as the model says"),
    });
  });
});

describe("externalData", () => {
  const at = (content: Uint8Array) => externalData(join(folderOf({ "model.onnx": content }), "model.onnx"));
  const within = (name: string) => graph(externalTensor("w", [1], name));

  it("finds tensors of graphs within nodes, of constants, sparse tensors, functions and training graphs", () => {
    const constant = bytes(1, bytes(5, bytes(1, "value"), externalTensor("c", [1], "constant"), number(20, 4)));
    const sparse = bytes(15, bytes(1, externalTensor("s", [1], "values").subarray(2)));
    const content = Buffer.concat([
      model(node("If", ["x"], ["y"], { then_branch: within("then"), else_branch: within("else") }), constant, sparse),
      bytes(25, bytes(7, bytes(5, bytes(6, within("function"))))),
      bytes(20, bytes(1, within("initialization")), bytes(2, within("algorithm"))),
    ]);
    expect(at(content)).toEqual(["then", "else", "constant", "values", "function", "initialization", "algorithm"]);
  });

  it("is empty for a model with its weights inside, and each name is given once", () => {
    expect(at(readFileSync("models/tailrec-text-small/model.onnx"))).toEqual([]);
    expect(at(model(externalTensor("a", [1], "w"), externalTensor("b", [1], "w")))).toEqual(["w"]);
  });

  it("is undefined for what is no model, however it is nested", () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 1000; depth++) nested = Buffer.from(bytes(1, bytes(5, bytes(6, nested))));
    const truncated = files["model.onnx"].subarray(0, 100);
    expect([Buffer.from("hello, this is text"), truncated, bytes(7, nested)].map(at)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
