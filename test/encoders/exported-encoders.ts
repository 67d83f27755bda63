/** Small encoders in folders as exporters leave them, whose vectors can be told without running a graph. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AddedModel } from "../../src/encoders/models/added-model.ts";
import type { EncoderInput } from "../../src/encoders/run/encoder.ts";
import { openEncoder } from "../../src/encoders/run/opened-encoder.ts";
import { ELEMENTS, type Element, input, model, node, output, tensor } from "../helpers/onnx-bytes.ts";
import { temporaryFolder } from "./encoding-fixtures.ts";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
const WORDS = ["red", "blue", "green", "mug", "lamp", "kettle", "stone", "##ware", "hex", "bolt", ".", ",", "-"];

/** Token ids by token. */
export const vocabulary = Object.fromEntries([...SPECIAL, ...WORDS].map((token, id) => [token, id]));
export const vocabularySize = SPECIAL.length + WORDS.length;
export const dimension = 3;

/** Row-major: row i is the vector of token i. */
export const table = Float32Array.from({ length: vocabularySize * dimension }, (_, i) =>
  Math.fround(((i * 37) % 64) / 32),
);

/** A tokenizer.json of these words: [CLS] text [SEP]. */
export function tokenizerJson(settings: object = {}): string {
  const special = (name: string) => ({ id: name, ids: [vocabulary[name]], tokens: [name] });
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({ id, content, special: true, normalized: false })),
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [],
      special_tokens: { "[CLS]": special("[CLS]"), "[SEP]": special("[SEP]") },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: vocabulary,
    },
    ...settings,
  });
}

export const tableTensor = tensor("table", [vocabularySize, dimension], table);

export interface TextGraphParts {
  readonly ids?: string;
  readonly element?: Element;
  readonly shape?: readonly (number | string)[];
  readonly outputElement?: Element;
  /** Further inputs, which stay unused unless nodes read them. */
  readonly inputs?: readonly Uint8Array[];
}

/** Token vectors by their ids alone, in an output of the given type. */
export function textModel(parts: TextGraphParts = {}): Buffer {
  const { ids = "input_ids", element = "int64", shape = ["batch", "sequence"], outputElement = "float32" } = parts;
  return model(
    node("Gather", ["table", ids], ["vectors"]),
    node("Cast", ["vectors"], ["last_hidden_state"], { to: ELEMENTS[outputElement] }),
    tableTensor,
    input(ids, element, shape),
    ...(parts.inputs ?? []),
    output("last_hidden_state", outputElement, [...shape, dimension]),
  );
}

/** Writes a folder; gives its path. */
export function folderOf(files: Readonly<Record<string, Uint8Array | string | object>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const isWritten = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(join(folder, name), isWritten ? content : JSON.stringify(content));
  }
  return folder;
}

/** The vectors of an added encoder, one an input. */
export async function vectorsOf(
  folder: string,
  { manifest }: AddedModel,
  inputs: readonly EncoderInput[],
): Promise<number[][]> {
  const files = Object.fromEntries(Object.keys(manifest.files).map((name) => [name, join(folder, name)]));
  const encoder = await openEncoder({ manifest, files, threads: 1 });
  const { vectors, failures } = await encoder.encode(inputs);
  await encoder.close();
  if (failures.length > 0) throw new Error(failures[0].reason);
  return inputs.map((_, i) => Array.from(vectors.subarray(i * manifest.dimension, (i + 1) * manifest.dimension)));
}

/** The mean of these tokens' rows of the table, at length 1. */
export function meanOf(tokens: readonly string[], rowOf = (id: number, _place: number) => tableRow(id)): number[] {
  const rows = tokens.map((token, place) => rowOf(vocabulary[token], place));
  const mean = rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
  const length = Math.hypot(...mean);
  return mean.map((value) => value / length);
}

export function tableRow(id: number): number[] {
  return Array.from(table.subarray(id * dimension, (id + 1) * dimension));
}
