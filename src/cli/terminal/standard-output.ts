/** Standard output, every byte of it: a file takes what the disk has room for and says so only when it is asked again. */
import { fstatSync, writeSync } from "node:fs";
import { outputFailed } from "../../data/files/output-failure.ts";

const STANDARD_OUTPUT = 1;

/** Writes the text. OUTPUT_FAILED where a file or device takes no more; a pipe's failure reaches the stream's listener. */
export function printOut(text: string): void {
  if (!isFile()) {
    process.stdout.write(text);
    return;
  }
  const bytes = Buffer.from(text);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(STANDARD_OUTPUT, bytes, written);
  } catch (cause) {
    throw outputFailed("standard output", cause);
  }
}

/** Terminals and pipes take their time, which the stream knows how to wait for. */
function isFile(): boolean {
  const entry = fstatSync(STANDARD_OUTPUT);
  return entry.isFile() || (entry.isCharacterDevice() && !process.stdout.isTTY);
}
