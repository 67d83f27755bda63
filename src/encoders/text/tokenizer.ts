/** Texts to token ids by a tokenizer.json, cut to a maximum length with the closing special tokens kept. */
import { readFile } from "node:fs/promises";
import { Tokenizer } from "@huggingface/tokenizers";
import { TailrecError } from "../../errors.ts";
import { requireContent } from "../models/file-content.ts";
import type { TextPreparation } from "./text-preparation.ts";

export interface TextTokenizer {
  /** Ids of the text behind the encoder's prefix, special tokens included, at most the maximum length. */
  encode(text: string): number[];
  readonly paddingId: number;
}

/** Characters a token that are read before the rest of a very long text is cut off unseen. */
const CHARACTERS_PER_TOKEN = 64;

/** MODEL_INVALID when the file is not a tokenizer that can be read. */
export async function openTokenizer(
  path: string,
  { maximumLength, prefix = "" }: Pick<TextPreparation, "maximumLength" | "prefix">,
): Promise<TextTokenizer> {
  const tokenizer = await readTokenizer(path);
  const closing = closingTokens(tokenizer);
  const encode = (text: string): number[] => {
    const { ids } = tokenizer.encode(prefix + text.slice(0, maximumLength * CHARACTERS_PER_TOKEN));
    if (ids.length <= maximumLength) return ids;
    return [...ids.slice(0, maximumLength - closing), ...ids.slice(ids.length - closing)];
  };
  return { encode, paddingId: tokenizer.token_to_id("[PAD]") ?? tokenizer.token_to_id("<pad>") ?? 0 };
}

async function readTokenizer(path: string): Promise<Tokenizer> {
  await requireContent(path);
  const text = await readFile(path, "utf8");
  try {
    return new Tokenizer(JSON.parse(text), {});
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
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
