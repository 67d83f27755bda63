import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanRecord, splitRecord, type TextRecord } from "../../../../src/data/ingest/text/text-record.ts";

const dialect = { delimiter: Buffer.from(","), quote: '"'.charCodeAt(0) };

function scanAll(bytes: Buffer): TextRecord[] {
  const records: TextRecord[] = [];
  for (let start = 0, line = 1; start < bytes.length; ) {
    const record = scanRecord(bytes, start, line, dialect, true);
    if (record === null) throw new Error("a final buffer always ends its record");
    records.push(record);
    start = record.next;
    line += record.lines;
  }
  return records;
}

const anyText = fc
  .array(fc.constantFrom('"', ",", "\n", "\r", "\r\n", "a", "é", " "), { maxLength: 40 })
  .map((p) => p.join(""));

describe("scanRecord", () => {
  it("says the same of a record wherever the buffer is cut, or waits for more", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, position) => {
        const bytes = Buffer.from(text);
        const cut = bytes.subarray(0, position % (bytes.length + 1));
        for (const record of scanAll(bytes)) {
          const seen = scanRecord(cut, record.start, record.line, dialect, false);
          if (record.start < cut.length && seen !== null) expect(seen).toEqual(record);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("covers every byte once and counts every line", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = Buffer.from(text);
        const records = scanAll(bytes);
        for (const [i, record] of records.entries()) expect(record.start).toBe(i === 0 ? 0 : records[i - 1].next);
        const last = records.at(-1);
        expect(last?.next ?? 0).toBe(bytes.length);
        const physical = text === "" ? 0 : text.replace(/\n$/, "").split("\n").length;
        expect(records.reduce((sum, { lines }) => sum + lines, 0)).toBe(physical);
      }),
    );
  });

  it("splits what it calls whole into its fields", () => {
    const cells = fc.array(fc.string({ unit: fc.constantFrom('"', ",", "\n", "a", "é"), maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(cells, (values) => {
        const bytes = Buffer.from(values.map((value) => `"${value.replaceAll('"', '""')}"`).join(","));
        const [record] = scanAll(bytes);
        expect(record).toMatchObject({ fields: values.length, problem: null, next: bytes.length });
        expect(splitRecord(bytes, record, dialect)).toEqual(values);
      }),
    );
  });

  it("spoils only the first line of a quote that never closes", () => {
    const records = scanAll(Buffer.from('a,"b\nc,d\ne,f\n'));
    expect(records.map(({ line, fields, problem }) => [line, fields, problem])).toEqual([
      [1, 0, "stray quote"],
      [2, 2, null],
      [3, 2, null],
    ]);
  });
});
