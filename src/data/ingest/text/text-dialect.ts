/**
 * What separates the fields of a text file, and which byte quotes them. Spreadsheets look for a first line such as `sep=;`, which is
 * no part of the table, and write it.
 */
import type { SourceFile } from "../source/source-file.ts";
import { type Dialect, scanRecord, splitRecord } from "./text-record.ts";

const DELIMITERS = [",", ";", "\t", "|", "::"];
const QUOTE = '"'.charCodeAt(0);

/**
 * The delimiter that the pipeline names, or else the first line; for CSV without one, the usual delimiter under which the header, quotes
 * respected, names most of the mapped columns, and then has most fields. JSON lines: control character 1, which JSON forbids.
 */
export function dialectOf({ format, delimiter, header }: SourceFile, head: Buffer, mapped: readonly string[]): Dialect {
  if (format === "jsonl") return { delimiter: Buffer.of(1), quote: -1 };
  if (delimiter !== null) return dialectWith(delimiter);
  const declared = declaredDelimiter(head.toString("utf8", 0, LONGEST_DECLARATION).split("\n", 1)[0]);
  if (declared !== undefined) return dialectWith(declared);
  if (format === "tsv") return dialectWith("\t");
  const scored = DELIMITERS.map((text) => {
    const { names, fields } = firstRecord(head, dialectWith(text));
    const found =
      header === null ? mapped.filter((name) => names.includes(name)).length : Number(fields === header.length);
    return { text, found, fields };
  });
  const best = scored.reduce((a, b) => ((b.found - a.found || b.fields - a.fields) > 0 ? b : a));
  return dialectWith(best.text);
}

function dialectWith(delimiter: string): Dialect {
  return { delimiter: Buffer.from(delimiter), quote: QUOTE };
}

const LONGEST_DECLARATION = 20;

/** What a first line such as `sep=;`, quoted or not, declares; undefined for any other line. */
export function declaredDelimiter(line: string): string | undefined {
  return /^\ufeff?(?<quote>"?)sep=(?<delimiter>.{1,4})\k<quote>\r?$/i.exec(line)?.groups?.delimiter;
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
  const line = text.toString("latin1", record.start, record.end);
  return { names: [], fields: line.split(dialect.delimiter.toString("latin1")).length };
}
