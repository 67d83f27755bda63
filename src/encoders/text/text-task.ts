/** The task "text": titles and descriptions through a tokenizer and a transformer. */
import { join } from "node:path";
import { TailrecError } from "../../errors.ts";
import { Tensor } from "../../math/onnx/onnx-runtime.ts";
import type { DescribedEncoder, EncoderTask, ModelFolder } from "../encoder-task.ts";
import { type GraphProbe, vectorOutput } from "../models/graph-output.ts";
import { openTextEncoder } from "./text-encoder.ts";
import { type TextPreparation, textPreparationSchema } from "./text-preparation.ts";
import { readTextSettings } from "./text-settings.ts";
import { openTokenizer } from "./tokenizer.ts";

const TOKENIZER = "tokenizer.json";

const PROBE_TOKENS = 4;

const probe: GraphProbe = {
  preferred: ["last_hidden_state", "token_embeddings"],
  wanted: "batch x tokens x dimension",
  feeds: (inputNames) => {
    const values: Readonly<Record<string, bigint>> = { input_ids: 1n, attention_mask: 1n, token_type_ids: 0n };
    return Object.fromEntries(inputNames.map((name) => [name, integers(values[name] ?? 0n)]));
  },
  vectors: ([, tokens, dimension, ...rest]) =>
    tokens === PROBE_TOKENS && dimension !== undefined && rest.length === 0 ? { dimension, tokens: true } : undefined,
};

export const textTask: EncoderTask<"text", TextPreparation> = {
  name: "text",
  preparation: textPreparationSchema,
  lowestCosine: 0.9999,
  preparationFiles: ({ tokenizer }) => [tokenizer],
  open: openTextEncoder,
  openTokenizer: ({ manifest, files }) => openTokenizer(files[manifest.text.tokenizer], manifest.text),
  trialInputs: async () => ["Stoneware mug", "Hex bolt M8 x 40, zinc-plated, pack of 100", "Lamp. ".repeat(60)],
  recognises: (folder) => tokenizerOf(folder) !== undefined,
  describe,
};

async function describe(
  folder: ModelFolder,
  pooling: "mean" | "cls" | undefined,
): Promise<DescribedEncoder<TextPreparation>> {
  const { path, model } = folder;
  const tokenizer = tokenizerOf(folder);
  if (tokenizer === undefined) {
    throw new TailrecError(
      "FILE_NOT_FOUND",
      `${path}: expected a tokenizer.json beside the model, there is none; export it too`,
    );
  }
  const { text, assumed } = await readTextSettings(path, tokenizer, pooling);
  return { preparation: text, output: await vectorOutput(join(path, model), probe), assumed };
}

/** The tokenizer in the folder, else beside the model. */
function tokenizerOf({ files, model }: ModelFolder): string | undefined {
  const beside = join(model, "..", TOKENIZER).split("\\").join("/");
  return [TOKENIZER, beside].find((file) => files.includes(file));
}

function integers(value: bigint): Tensor {
  return new Tensor("int64", new BigInt64Array(PROBE_TOKENS).fill(value), [1, PROBE_TOKENS]);
}
