/** Which part of the items is whose, by a hash of the id. The order of a file and what else is in it do not matter. */
import { createHash } from "node:crypto";
import { TailrecError } from "../errors.ts";

export interface Shard {
  /** 1 to `of`. */
  readonly number: number;
  readonly of: number;
}

/** Bytes of the digest that count: enough to deal out evenly, few enough for an exact number. */
const HASHED_BYTES = 6;

/** The number of the shard that an id belongs to: 1 to `of`. */
export function shardOf(id: string, of: number): number {
  return (createHash("sha256").update(id).digest().readUIntBE(0, HASHED_BYTES) % of) + 1;
}

/** "3/20". INVALID_ARGUMENT for another form, or a number that is not among them. */
export function parseShard(text: string): Shard {
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  if (shard.number >= 1 && shard.number <= shard.of) return shard;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `--shard: expected a part such as 3/20, from 1/20 to 20/20, received "${text}"`,
  );
}
