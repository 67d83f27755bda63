/** How texts are prepared, read from the settings that sentence-transformers and transformers leave beside their weights. */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { readSettings } from "../models/folder-files.ts";
import type { TextPreparation } from "./text-preparation.ts";
import { configMatters } from "./tokenizer.ts";

export interface TextSettings {
  readonly text: TextPreparation;
  /** Settings that no file said. */
  readonly assumed: readonly string[];
}

/** What whoever adds an encoder says of it; outweighs every file. */
export interface GivenSettings {
  readonly pooling?: "mean" | "cls";
  readonly maximumLength?: number;
}

const USUAL_LENGTH = 512;

const poolingSchema = z.looseObject({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});
const modulesSchema = z.array(z.looseObject({ type: z.string() }));
const lengthSchema = z.looseObject({ max_seq_length: z.number().nullish(), model_max_length: z.number().nullish() });
const truncationSchema = z.looseObject({ truncation: z.looseObject({ max_length: z.number() }).nullish() });
const configSchema = z.looseObject({
  model_type: z.string().nullish(),
  max_position_embeddings: z.number().nullish(),
  pad_token_id: z.number().nullish(),
});
type ModelConfig = z.output<typeof configSchema>;
const promptsSchema = z.looseObject({
  prompts: z.record(z.string(), z.string()).nullish(),
  default_prompt_name: z.string().nullish(),
});

/** Models whose positions are counted from behind the padding's id, as RoBERTa's: so many fewer tokens fit. */
const OFFSET_POSITIONS = /roberta|mpnet|longformer|camembert|bertweet|data2vec-text|ibert|esm|luke|markuplm/;

/** Models that were trained on texts filled up to the maximum length, padding read like words. */
const PADDED_TO_MAXIMUM = /^siglip/;

const TOKENIZER_CONFIG = "tokenizer_config.json";

/** `tokenizer` is the path of the tokenizer.json. MODEL_INVALID when the pooling is one that is not known here. */
export async function readTextSettings(
  folder: string,
  tokenizer: string,
  given: GivenSettings = {},
): Promise<TextSettings> {
  const pooling = given.pooling ?? (await readPooling(folder));
  const modules = await readSettings(folder, "modules.json", modulesSchema);
  const config = await readSettings(folder, "config.json", configSchema);
  const length = given.maximumLength ?? (await readLength(folder, tokenizer, config));
  const prefix = await readPrefix(folder);
  const isConfigured = await configMatters(folder, TOKENIZER_CONFIG);
  const assumed = [
    ...(pooling === null ? ["mean pooling"] : []),
    ...(modules === null ? ["vectors of length 1"] : []),
    ...(length === null ? [`at most ${USUAL_LENGTH} tokens`] : []),
  ];
  const text = {
    tokenizer,
    ...(isConfigured && { tokenizerConfig: TOKENIZER_CONFIG }),
    maximumLength: length ?? USUAL_LENGTH,
    ...(PADDED_TO_MAXIMUM.test(config?.model_type ?? "") && { padding: "maximum-length" as const }),
    ...(prefix !== undefined && { prefix }),
    pooling: pooling ?? "mean",
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

/** What texts are cut to where a file says it, and never more than the model has positions; null when no file says anything. */
async function readLength(folder: string, tokenizer: string, config: ModelConfig | null): Promise<number | null> {
  const sentence = await readSettings(folder, "sentence_bert_config.json", lengthSchema);
  const settings = await readSettings(folder, TOKENIZER_CONFIG, lengthSchema);
  const own = await readSettings(folder, tokenizer, truncationSchema);
  const lengths = [sentence?.max_seq_length, settings?.model_max_length, own?.truncation?.max_length];
  // Transformers writes 1e30 for "no limit".
  const wanted = lengths.find((length) => typeof length === "number" && length >= 2 && length <= 100_000);
  const positions = positionsOf(config);
  if (positions === null) return wanted === undefined || wanted === null ? null : Math.round(wanted);
  if (typeof wanted === "number") return Math.min(Math.round(wanted), positions);
  return positions <= USUAL_LENGTH ? positions : null;
}

/** How many tokens the model has positions for. */
function positionsOf(config: ModelConfig | null): number | null {
  const positions = config?.max_position_embeddings;
  if (typeof positions !== "number" || positions < 2) return null;
  const isOffset = OFFSET_POSITIONS.test(config?.model_type ?? "");
  return Math.max(2, Math.floor(positions - (isOffset ? (config?.pad_token_id ?? 1) + 1 : 0)));
}

/** The prompt that is put before texts when none is asked for. */
async function readPrefix(folder: string): Promise<string | undefined> {
  const settings = await readSettings(folder, "config_sentence_transformers.json", promptsSchema);
  const prefix = settings?.prompts?.[settings.default_prompt_name ?? ""];
  return prefix === "" ? undefined : prefix;
}
