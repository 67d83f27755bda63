/** Ways in which bytes go wrong between one machine and another, and what people's tools write that nobody expects. */
import type { Random } from "../../src/math/random.ts";
import { pick } from "./fault-kind.ts";

/** A damaged copy of the bytes, by one to three ways; `others` are whole files to splice with. */
export function damaged(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Buffer {
  let result = Buffer.from(bytes);
  for (let n = random.integer(3); n >= 0; n--) result = Buffer.from(pick(random, WAYS)(result, random, others));
  return result;
}

type Way = (bytes: Buffer, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const flip: Way = (bytes, random) => {
  if (bytes.length > 0) bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
  return bytes;
};

const cut: Way = (bytes, random) => bytes.subarray(0, random.integer(bytes.length + 1));

const drop: Way = (bytes, random) => {
  const [from, to] = stretch(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
};

const repeat: Way = (bytes, random) => {
  const [from, to] = stretch(bytes, random);
  const times = 1 + random.integer(pick(random, [2, 20, 300]));
  const piece = bytes.subarray(from, to);
  return Buffer.concat([bytes.subarray(0, to), ...Array.from({ length: times }, () => piece), bytes.subarray(to)]);
};

const overwrite: Way = (bytes, random) => {
  const [from, to] = stretch(bytes, random);
  for (let p = from; p < to; p++) bytes[p] = random.integer(256);
  return bytes;
};

const insert: Way = (bytes, random) => {
  const at = random.integer(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(random, PIECES), "latin1"), bytes.subarray(at)]);
};

const splice: Way = (bytes, random, others) => {
  const other = pick(random, others);
  return Buffer.concat([
    bytes.subarray(0, random.integer(bytes.length + 1)),
    other.subarray(random.integer(other.length + 1)),
  ]);
};

/** As if it had been opened and saved by something that knows better. */
const rewrite: Way = (bytes, random) => {
  const text = bytes.toString("latin1");
  const [from, to] = pick(random, REWRITES);
  return Buffer.from(text.replaceAll(from, to), "latin1");
};

const WAYS: readonly Way[] = [flip, cut, drop, repeat, overwrite, insert, insert, insert, splice, rewrite];

function stretch(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.integer(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random.integer(pick(random, [4, 40, 400])))];
}

const DEEP = 3000;
const PIECES: readonly string[] = [
  ..."\"'\\,;\t\n\r\0{}[]:&*#!|>%@`~-",
  ...[
    "\r\n",
    '""',
    "\xef\xbb\xbf",
    "\xff\xfe",
    "\xc3",
    "\xed\xa0\x80",
    "\\ud83d",
    "\\u0000",
    "\x1f\x8b",
    "PAR1",
    "\x1b[31m",
  ],
  ...[
    "NaN",
    "-Infinity",
    "1e999",
    "-1",
    "0",
    "9".repeat(400),
    "1,5",
    "null",
    "true",
    "undefined",
    "__proto__",
    "constructor",
  ],
  ...["sep=;\n", "<<: *a", "&a [*a,*a]", "!!js/function x", "? ", "---\n", "- ", "  ", "\u00a0"],
  ...'[ { ( " ,'.split(" ").map((piece) => piece.repeat(DEEP)),
  ..."x \n".split("").map((piece) => piece.repeat(70_000)),
];

const REWRITES: readonly (readonly [from: string, to: string])[] = [
  ["\n", "\r\n"],
  ["\n", "\r"],
  [",", ";"],
  [",", "\t"],
  [",", "::"],
  [".", ","],
  ['"', "'"],
  ["i1", "i2"],
  [":", ""],
  [" ", ""],
  ["1", "-1"],
  ["0", "000000000000000000"],
];
