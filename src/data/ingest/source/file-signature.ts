/** What a file is by its first bytes, where it is none of the formats that can be read, and what to do about it. */
import { TailrecError } from "../../../errors.ts";

interface Signature {
  readonly what: string;
  readonly remedy: string;
}

const DECOMPRESS = (command: string): string => `decompress it first (${command})`;
const EXPORT = "export it as CSV, JSON lines or Parquet";

/** By the first bytes in hexadecimal. */
const BINARY: readonly (readonly [string, string, string])[] = [
  ["504b0304", "a zip archive", DECOMPRESS("unzip")],
  ["504b0506", "an empty zip archive", "export it again"],
  ["d0cf11e0a1b11ae1", "an Excel workbook", "save it as CSV UTF-8"],
  ["28b52ffd", "zstd-compressed", DECOMPRESS("zstd -d")],
  ["fd377a585a00", "xz-compressed", DECOMPRESS("xz -d")],
  ["425a68", "bzip2-compressed", DECOMPRESS("bzip2 -d")],
  ["04224d18", "lz4-compressed", DECOMPRESS("lz4 -d")],
  ["4c5a4950", "lzip-compressed", DECOMPRESS("lzip -d")],
  ["1f9d", "compressed by compress", DECOMPRESS("gzip -d")],
  ["ff060000734e61507059", "snappy-compressed", "decompress it first"],
  ["377abcaf271c", "a 7z archive", DECOMPRESS("7z x")],
  ["526172211a07", "a rar archive", DECOMPRESS("unrar x")],
  ["50415245", "an encrypted Parquet file", "export it unencrypted"],
  ["4f626a01", "an Avro file", EXPORT],
  ["4f5243", "an ORC file", EXPORT],
  ["4152524f5731", "an Arrow file", EXPORT],
  ["46454131", "a Feather file", EXPORT],
  ["894844460d0a1a0a", "an HDF5 file", EXPORT],
  ["53514c69746520666f726d6174203300", "an SQLite database", EXPORT],
  ["8002", "a Python pickle", EXPORT],
  ["8003", "a Python pickle", EXPORT],
  ["8004", "a Python pickle", EXPORT],
  ["8005", "a Python pickle", EXPORT],
  ["934e554d5059", "a NumPy array", EXPORT],
  ["25504446", "a PDF document", EXPORT],
  ["fffe0000", "UTF-32 text", "save it as UTF-8"],
  ["0000feff", "UTF-32 text", "save it as UTF-8"],
];

const UTF_16: Signature = {
  what: "UTF-16 text",
  remedy: 'save it as UTF-8, or name the "encoding" of the table: utf-16le or utf-16be',
};

const TEXTS: readonly (readonly [RegExp, string, string])[] = [
  [/^version https:\/\/git-lfs/, "a Git LFS pointer, not the data", "fetch the data (git lfs pull)"],
  [/^<(!doctype\s+)?html/i, "an HTML page", "download the data itself; a login may have been asked for"],
  [/^<\?xml/i, "an XML document", EXPORT],
  [/^\{\\rtf/, "a rich text document", EXPORT],
];

const SPREADSHEET = /\[Content_Types\]\.xml|xl\/|mimetypeapplication\/vnd\.oasis/;
const TAR_MARK = 257;

/** Undefined for Parquet and for what may be text. `head` is best of some hundred bytes at least. */
export function signatureOf(head: Buffer): Signature | undefined {
  const start = head.subarray(0, 16).toString("hex");
  // A column may be called ORCID: of a binary file more than its first letters is binary.
  const known = hasControls(head) ? BINARY.find(([bytes]) => start.startsWith(bytes)) : undefined;
  if (known?.[0] === "504b0304" && SPREADSHEET.test(head.subarray(0, 200).toString("latin1"))) {
    return { what: "a spreadsheet", remedy: "save it as CSV UTF-8" };
  }
  if (known !== undefined) return { what: known[1], remedy: known[2] };
  if (head.toString("latin1", TAR_MARK, TAR_MARK + 5) === "ustar") {
    return { what: "a tar archive", remedy: DECOMPRESS("tar -x") };
  }
  const text = head
    .subarray(0, 200)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  const worded = TEXTS.find(([pattern]) => pattern.test(text));
  if (worded !== undefined) return { what: worded[1], remedy: worded[2] };
  return utf16Of(head) === undefined ? undefined : UTF_16;
}

/** Throws UNREADABLE_INPUT for a file that is something else by its first bytes. Text in UTF-16 is fine where an encoding is named. */
export function refuseForeign(path: string, head: Buffer, encoding: string | null = null): void {
  const found = signatureOf(head);
  if (found === undefined || (found === UTF_16 && encoding !== null)) return;
  throw new TailrecError("UNREADABLE_INPUT", `${path} is ${found.what}; ${found.remedy}`);
}

function hasControls(head: Buffer): boolean {
  return head.subarray(0, 512).some((byte) => byte < 9 || (byte > 13 && byte < 32));
}

/** Which UTF-16, by the mark or, as every other byte of Latin text is zero, without one; undefined for other bytes. */
export function utf16Of(head: Buffer): "utf-16le" | "utf-16be" | undefined {
  const mark = head.toString("hex", 0, 2);
  if (mark === "fffe" || mark === "feff") return mark === "fffe" ? "utf-16le" : "utf-16be";
  const piece = head.subarray(0, Math.min(head.length - (head.length % 2), 256));
  if (piece.length < 8) return undefined;
  const zeros = [0, 0];
  for (const [place, byte] of piece.entries()) if (byte === 0) zeros[place % 2]++;
  const half = piece.length / 2;
  if (Math.max(...zeros) <= 0.8 * half || Math.min(...zeros) >= 0.2 * half) return undefined;
  return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}
