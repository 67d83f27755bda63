/** Which byte separates the fields of a text file, and which one quotes them. */
import { readBytes, type SourceFile } from "./source-file.ts";
import type { Dialect } from "./text-record.ts";

const DELIMITERS = [",", ";", "\t", "|"];

/** CSV: the most frequent of the usual delimiters in the first line. JSON lines: control character 1, which JSON forbids. */
export async function dialectOf(source: SourceFile): Promise<Dialect> {
  if (source.format === "jsonl") return { delimiter: 1, quote: -1 };
  if (source.format === "tsv") return { delimiter: "\t".charCodeAt(0), quote: '"'.charCodeAt(0) };
  let line = "";
  for await (const chunk of readBytes(source, () => undefined)) {
    line = chunk.toString("utf8").trimStart().split("\n", 1)[0];
    break;
  }
  const count = (delimiter: string): number => line.split(delimiter).length;
  const best = DELIMITERS.reduce((a, b) => (count(b) > count(a) ? b : a));
  return { delimiter: best.charCodeAt(0), quote: '"'.charCodeAt(0) };
}
