/**
 * Text in another encoding as UTF-8, the only one that is read further on. Names are the labels of the WHATWG Encoding Standard, where
 * `latin1` is windows-1252. Bytes that an encoding does not have are an error, never a replacement character.
 */
import { isUtf8 } from "node:buffer";
import { TailrecError } from "../../../errors.ts";
import { utf16Of } from "./file-signature.ts";
import { readBytes } from "./source-bytes.ts";

/** The standard's own name of an encoding, such as `windows-1252` for `latin1`; undefined for a label that it does not have. */
export function encodingNamed(label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).encoding;
  } catch {
    return undefined;
  }
}

/** Why such a row is a reject, and what to do about it. */
export const INVALID_UTF8 = "invalid UTF-8";
export const NAME_ENCODING = 'name its "encoding" if it has another, such as windows-1252';

/** Bytes that a guess rests on. */
const GUESSED_BYTES = 1 << 23;

/** UTF-16 by its first bytes, or what most tables are that are no UTF-8; null for UTF-8. */
export async function guessEncoding(path: string): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readBytes(path)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= GUESSED_BYTES) break;
  }
  const head = Buffer.concat(chunks);
  const wide = utf16Of(head);
  if (wide !== undefined) return wide;
  // A sign may be cut at the end of what was read: lines are whole.
  return isUtf8(head.subarray(0, head.lastIndexOf("\n") + 1)) ? null : "windows-1252";
}

/** Throws UNREADABLE_INPUT where `chunks` hold no such text; `path` is for messages. */
export async function* toUtf8(path: string, chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decoded = (chunk?: Buffer): Buffer => {
    try {
      return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }));
    } catch (cause) {
      const message = `${path} holds bytes that are no ${encoding} text; name another "encoding", or save it as UTF-8`;
      throw new TailrecError("UNREADABLE_INPUT", message, { cause });
    }
  };
  for await (const chunk of chunks) yield decoded(chunk);
  yield decoded();
}
