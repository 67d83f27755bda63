/** How texts are prepared, read from the settings that sentence-transformers and transformers leave beside their weights. */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { readSettings } from "../models/folder-files.ts";
import type { TextPreparation } from "./text-preparation.ts";

export interface TextSettings {
  readonly text: TextPreparation;
  /** Settings that no file said. */
  readonly assumed: readonly string[];
}

const LONGEST = 512;

const poolingSchema = z.looseObject({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});
const modulesSchema = z.array(z.looseObject({ type: z.string() }));
const lengthSchema = z.looseObject({ max_seq_length: z.number().nullish(), model_max_length: z.number().nullish() });
const promptsSchema = z.looseObject({
  prompts: z.record(z.string(), z.string()).nullish(),
  default_prompt_name: z.string().nullish(),
});

/** `tokenizer` is the path of the tokenizer.json. MODEL_INVALID when the pooling is one that is not known here. */
export async function readTextSettings(
  folder: string,
  tokenizer: string,
  pooling: "mean" | "cls" | undefined,
): Promise<TextSettings> {
  const found = pooling ?? (await readPooling(folder));
  const modules = await readSettings(folder, "modules.json", modulesSchema);
  const length = await readLength(folder);
  const prefix = await readPrefix(folder);
  const assumed = [
    ...(found === null ? ["mean pooling"] : []),
    ...(modules === null ? ["vectors of length 1"] : []),
    ...(length === null ? [`at most ${LONGEST} tokens`] : []),
  ];
  const text = {
    tokenizer,
    maximumLength: length ?? LONGEST,
    ...(prefix !== undefined && { prefix }),
    pooling: found ?? "mean",
    normalise: modules === null || modules.some(({ type }) => type.endsWith("Normalize")),
  };
  return { text, assumed };
}

async function readPooling(folder: string): Promise<"mean" | "cls" | null> {
  const settings = await readSettings(folder, "1_Pooling/config.json", poolingSchema);
  if (settings === null) return null;
  if (settings.pooling_mode_cls_token) return "cls";
  if (settings.pooling_mode_mean_tokens) return "mean";
  throw new TailrecError(
    "MODEL_INVALID",
    `${folder}: 1_Pooling/config.json names neither mean nor cls pooling, and no other is supported; name one of them by --pooling if it will do`,
  );
}

async function readLength(folder: string): Promise<number | null> {
  const sentence = await readSettings(folder, "sentence_bert_config.json", lengthSchema);
  const tokenizer = await readSettings(folder, "tokenizer_config.json", lengthSchema);
  const length = sentence?.max_seq_length ?? tokenizer?.model_max_length;
  // Transformers writes 1e30 for "no limit".
  return length === undefined || length === null || length > 100_000 ? null : Math.round(length);
}

/** The prompt that is put before texts when none is asked for. */
async function readPrefix(folder: string): Promise<string | undefined> {
  const settings = await readSettings(folder, "config_sentence_transformers.json", promptsSchema);
  const prefix = settings?.prompts?.[settings.default_prompt_name ?? ""];
  return prefix === "" ? undefined : prefix;
}
