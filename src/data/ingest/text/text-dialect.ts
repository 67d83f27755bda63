/** Which byte separates the fields of a text file, and which one quotes them. */
import type { SourceFile } from "../source/source-file.ts";
import { type Dialect, scanRecord, splitRecord } from "./text-record.ts";

const DELIMITERS = [",", ";", "\t", "|"];
const QUOTE = '"'.charCodeAt(0);

/**
 * The delimiter that the pipeline names; for CSV without one, the usual delimiter under which the header, quotes respected, names most of
 * the mapped columns, and then has most fields. JSON lines: control character 1, which JSON forbids.
 */
export function dialectOf({ format, delimiter }: SourceFile, head: Buffer, mapped: readonly string[]): Dialect {
  if (format === "jsonl") return { delimiter: 1, quote: -1 };
  if (delimiter !== null) return dialectWith(delimiter);
  if (format === "tsv") return dialectWith("\t");
  const scored = DELIMITERS.map((text) => {
    const { names, fields } = firstRecord(head, dialectWith(text));
    return { text, found: mapped.filter((name) => names.includes(name)).length, fields };
  });
  const best = scored.reduce((a, b) => ((b.found - a.found || b.fields - a.fields) > 0 ? b : a));
  return dialectWith(best.text);
}

function dialectWith(delimiter: string): Dialect {
  return { delimiter: delimiter.charCodeAt(0), quote: QUOTE };
}

/** The names of the first record that is not blank, and how many fields it has; about that many, without names, where it is damaged. */
function firstRecord(head: Buffer, dialect: Dialect): { readonly names: readonly string[]; readonly fields: number } {
  const text = Buffer.from(
    head
      .toString("utf8")
      .replace(/^\ufeff/, "")
      .trimStart(),
  );
  const record = text.length === 0 ? null : scanRecord(text, 0, 1, dialect, true);
  if (record === null) return { names: [], fields: 0 };
  if (record.problem === null) return { names: splitRecord(text, record, dialect), fields: record.fields };
  const marks = text.subarray(record.start, record.end).filter((byte) => byte === dialect.delimiter);
  return { names: [], fields: marks.length + 1 };
}
