/** The sha256 of a file, streamed. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { readError } from "../../file-errors.ts";

/** The digest in lower-case hexadecimal. FILE_NOT_FOUND or UNREADABLE_INPUT when the file cannot be read. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash).catch((cause: unknown) => {
    throw readError(path, cause);
  });
  return hash.digest("hex");
}
