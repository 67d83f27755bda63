/** The task "text": titles and descriptions through a tokenizer and a transformer. */
import { join } from "node:path";
import { TailrecError } from "../../errors.ts";
import type { DescribedEncoder, EncoderTask, FolderOptions, ModelFolder } from "../encoder-task.ts";
import { type GraphOutput, vectorOutput } from "../models/graph-output.ts";
import { sideOf } from "../models/transformers-layout.ts";
import { openTextEncoder, TEXT_REMEDY } from "./text-encoder.ts";
import { filledLength, furtherInputs, readsTokens, type TextInputs, textInputs } from "./text-inputs.ts";
import { type TextPreparation, textPreparationSchema } from "./text-preparation.ts";
import { readTextSettings } from "./text-settings.ts";
import { padRun } from "./token-runs.ts";
import { type TextTokenizer, tokenizerOf } from "./tokenizer.ts";

const TOKENIZER = "tokenizer.json";

/** The vocabularies that older exports leave in place of a tokenizer.json. */
const VOCABULARIES = ["vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model"];

/** Tokens of the longest trial: what is longer takes a large encoder too long. */
const LONGEST_TRIAL = 1024;

export const textTask: EncoderTask<"text", TextPreparation> = {
  name: "text",
  preparation: textPreparationSchema,
  lowestCosine: 0.9999,
  preparationFiles: ({ tokenizer, tokenizerConfig }) =>
    tokenizerConfig === undefined ? [tokenizer] : [tokenizer, tokenizerConfig],
  open: openTextEncoder,
  openTokenizer: ({ manifest, files }) => tokenizerOf(manifest.text, files),
  // The last is as long as texts can get: every word is a token or more.
  trialInputs: async ({ maximumLength }) => [
    "Stoneware mug",
    "Hex bolt M8 x 40, zinc-plated, pack of 100",
    "Lamp. ".repeat(Math.min(maximumLength, LONGEST_TRIAL)),
  ],
  recognises: (folder) => tokenizerFile(folder) !== undefined || readsTokens(folder.graph),
  describe,
};

async function describe(folder: ModelFolder, options: FolderOptions): Promise<DescribedEncoder<TextPreparation>> {
  const { path, graph } = folder;
  const tokenizer = tokenizerFile(folder) ?? missingTokenizer(folder);
  const { text, assumed } = await readTextSettings(path, tokenizer, options);
  const { constants, notes } = constantsOf(folder, options);
  const inputs = textInputs(graph, constants, filledLength(text));
  const fitting = { ...text, maximumLength: Math.min(text.maximumLength, inputs.size.length ?? text.maximumLength) };
  const files = Object.fromEntries(folder.files.map((file) => [file, join(path, file)]));
  const opened = await tokenizerOf(fitting, files);
  const output = await outputOf(folder, inputs, opened, assumed.includes("mean pooling"));
  const { pooling, ...unpooled } = fitting;
  const preparation = {
    ...unpooled,
    ...(output.tokens && { pooling }),
    ...(Object.keys(constants).length > 0 && { inputs: constants }),
  };
  return {
    preparation,
    output,
    assumed: [...assumed.filter((what) => output.tokens || what !== "mean pooling"), ...notes],
  };
}

/** The output by a run on a short text: of one side of a shared space its projection. Where no file says how tokens are pooled, vectors that the graph has pooled come first. */
function outputOf(
  { graph, model }: ModelFolder,
  inputs: TextInputs,
  tokenizer: TextTokenizer,
  prefersPooled: boolean,
): Promise<GraphOutput> {
  const run = padRun([{ index: 0, ids: tokenizer.encode("Stoneware mug") }], tokenizer.paddingId, inputs.size);
  const tokens = ["last_hidden_state", "token_embeddings"];
  const shared = sideOf(model) === undefined ? [] : ["text_embeds", "pooler_output"];
  return vectorOutput(graph, {
    preferred: [...shared, ...(prefersPooled ? ["sentence_embedding"] : []), ...tokens],
    wanted: "texts x tokens x dimension, or texts x dimension",
    feeds: inputs.feeds(run),
    remedy: TEXT_REMEDY,
    vectors: ([count, second, third, ...rest]) => {
      if (count !== run.count || second === undefined || rest.length > 0) return undefined;
      if (third === undefined) return { dimension: second, tokens: false };
      return second === run.length ? { dimension: third, tokens: true } : undefined;
    },
  });
}

/** Values of the inputs that no token gives one to: as given, and 0 for a task's number. */
function constantsOf(
  { graph }: ModelFolder,
  { inputs: given = {} }: FolderOptions,
): { readonly constants: Readonly<Record<string, number>>; readonly notes: readonly string[] } {
  const usual = furtherInputs(graph).filter((name) => name === "task_id" && !Object.hasOwn(given, name));
  const zeros = Object.fromEntries(usual.map((name) => [name, 0]));
  return { constants: { ...given, ...zeros }, notes: usual.map((name) => `${name} 0`) };
}

/** The tokenizer in the folder, else beside the model. */
function tokenizerFile({ files, model }: ModelFolder): string | undefined {
  const beside = join(model, "..", TOKENIZER).split("\\").join("/");
  return [TOKENIZER, beside].find((file) => files.includes(file));
}

function missingTokenizer({ path, files }: ModelFolder): never {
  const other = files.find((file) => VOCABULARIES.includes(file.split("/").at(-1) ?? ""));
  const seen = other === undefined ? "there is none" : `there is ${other} alone`;
  throw new TailrecError(
    "MODEL_INVALID",
    `${path}: expected a ${TOKENIZER} beside the model, ${seen}; copy it from where the model is from, or write it by transformers' AutoTokenizer.from_pretrained(...).save_pretrained(...)`,
  );
}
