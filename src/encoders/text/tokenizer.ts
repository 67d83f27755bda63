/** Texts to token ids by a tokenizer.json, cut to a maximum length with the closing special tokens kept. */
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { messageOf } from "../../file-errors.ts";
import { requireContent } from "../models/file-content.ts";
import { readSettings } from "../models/folder-files.ts";
import type { TextPreparation } from "./text-preparation.ts";

export interface TextTokenizer {
  /** Ids of the text behind the encoder's prefix, special tokens included, at most the maximum length. */
  encode(text: string): number[];
  readonly paddingId: number;
}

/** Characters a token that are read before the rest of a very long text is cut off unseen. */
const CHARACTERS_PER_TOKEN = 64;

/** What a tokenizer_config.json says of tokens: spaces joined, case and accents dropped, and which token fills up. */
const configSchema = z.looseObject({
  remove_space: z.boolean().nullish(),
  do_lowercase_and_remove_accent: z.boolean().nullish(),
  pad_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
});

type TokenizerConfig = z.output<typeof configSchema>;

/** Tokens that fill up where no file says which. */
const USUAL_PADDING = ["[PAD]", "<pad>"];

/** Whether the config in a folder changes what its tokenizer would do alone. MODEL_INVALID when it is no such config. */
export async function configMatters(folder: string, file: string): Promise<boolean> {
  const config = await readSettings(folder, file, configSchema);
  const padding = config === null ? undefined : paddingOf(config);
  const isUsual = padding === undefined || USUAL_PADDING.includes(padding);
  return config?.remove_space === true || config?.do_lowercase_and_remove_accent === true || !isUsual;
}

/** By the preparation of an encoder and the paths of its files. MODEL_INVALID like `openTokenizer`. */
export function tokenizerOf(text: TextPreparation, files: Readonly<Record<string, string>>): Promise<TextTokenizer> {
  const { tokenizer, tokenizerConfig } = text;
  return openTokenizer(files[tokenizer], text, tokenizerConfig === undefined ? undefined : files[tokenizerConfig]);
}

/** `configPath` is that of a tokenizer_config.json. MODEL_INVALID when the files are not a tokenizer that can be read. */
export async function openTokenizer(
  path: string,
  { maximumLength, prefix = "" }: Pick<TextPreparation, "maximumLength" | "prefix">,
  configPath?: string,
): Promise<TextTokenizer> {
  const config =
    configPath === undefined ? null : await readSettings(dirname(configPath), basename(configPath), configSchema);
  const tokenizer = await readTokenizer(path, config ?? {});
  const closing = closingTokens(tokenizer);
  const encode = (text: string): number[] => {
    const { ids } = tokenizer.encode(prefix + text.slice(0, maximumLength * CHARACTERS_PER_TOKEN));
    if (ids.length <= maximumLength) return ids;
    return [...ids.slice(0, maximumLength - closing), ...ids.slice(ids.length - closing)];
  };
  const ids = [paddingOf(config ?? {}), ...USUAL_PADDING].map((token) => token && tokenizer.token_to_id(token));
  return { encode, paddingId: ids.find((id) => typeof id === "number") ?? 0 };
}

function paddingOf({ pad_token: token }: TokenizerConfig): string | undefined {
  return typeof token === "object" ? token?.content : token;
}

async function readTokenizer(path: string, config: object): Promise<Tokenizer> {
  await requireContent(path);
  const text = await readFile(path, "utf8");
  try {
    return new Tokenizer(JSON.parse(text), config);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new TailrecError("MODEL_INVALID", `${path}: not a tokenizer that can be read: ${reason}`, { cause });
  }
}

/** How many special tokens the template puts after a text: what the ends of an encoded empty and an encoded full text share. */
function closingTokens(tokenizer: Tokenizer): number {
  const empty = tokenizer.encode("").ids;
  const full = tokenizer.encode("a").ids;
  let shared = 0;
  while (shared < empty.length && empty[empty.length - 1 - shared] === full[full.length - 1 - shared]) shared++;
  return shared;
}
