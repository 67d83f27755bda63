/** Gzip is read as leniently as `gzip -d` reads it, and never without measure. */
import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { errorOf, ingestFolder, pairsOf, TEN_ITEMS, temporaryFiles } from "./ingest-files.ts";

const write = temporaryFiles();
const HEADER = "user_id,item_id\n";
const first = gzipSync(`${HEADER}u,a\nv,`);
const second = gzipSync("b\nw,c\n");
const both = Buffer.concat([first, second]);
const PAIRS = { "u a": 1, "v b": 1, "w c": 1 };

async function ingestGzip(content: Buffer) {
  return ingestFolder(write({ "items.csv": TEN_ITEMS, "e.csv.gz": content }), { interactions: { path: "e.csv.gz" } });
}

describe("gzip", () => {
  it.each([
    ["of several members, cut anywhere", both, false],
    ["with zeros behind it", Buffer.concat([both, Buffer.alloc(700)]), false],
    ["with text behind it", Buffer.concat([both, Buffer.from("-- end of tape --\n")]), true],
    ["with text behind it that begins like a member", Buffer.concat([both, Buffer.from([0x1f, 0x8c, 1, 2])]), true],
    ["with zeros and another member behind it", Buffer.concat([both, Buffer.alloc(512), gzipSync("z,z\n")]), true],
    ["that names its file, with a comment and more", withHeaderFields(`${HEADER}u,a\nv,b\nw,c\n`), false],
    [
      "that names its file, with text behind it",
      Buffer.concat([withHeaderFields(`${HEADER}u,a\nv,b\nw,c\n`), Buffer.from("end")]),
      true,
    ],
  ])("%s is read whole; what is left unread is said", async (_, content, isNoted) => {
    const ingested = await ingestGzip(content);
    expect(pairsOf(ingested)).toEqual(PAIRS);
    expect(ingested.report.notes.length).toBe(isNoted ? 1 : 0);
  });

  it("loses nothing of a large file to text behind it", async () => {
    const rows = Array.from({ length: 300_000 }, (_, i) => `u${(i * 7919) % 99_991},${"abcdefghij"[i % 10]}\n`).join(
      "",
    );
    const { report } = await ingestGzip(Buffer.concat([gzipSync(HEADER + rows), Buffer.from("garbage")]));
    expect(report.interactions).toMatchObject({ rows: 300_000, rejected: 0 });
  });

  it.each([
    ["truncated", both.subarray(0, both.length - 5)],
    [
      "with a wrong checksum and text behind it",
      Buffer.concat([altered(first, first.length - 8), Buffer.from("text")]),
    ],
    ["truncated in its second member", Buffer.concat([first, second.subarray(0, 12)])],
  ])("%s is refused", async (_, content) => {
    const error = await errorOf(ingestGzip(content));
    expect(error).toMatchObject({
      code: "UNREADABLE_INPUT",
      message: expect.stringContaining("truncated or damaged gzip"),
    });
  });

  it.each([
    ["empty lines", "\n", 6],
    ["equal rows", "u,a,1.0,2024-01-01\n", 6],
    ["equal rows, compressed in haste", "user_1,item_1\n", 1],
    ["equal rows of usual length", "user_000123,item_000456\n", 6],
  ])("of nothing but %s is refused before it fills the memory", async (_, unit, level) => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(HEADER), Buffer.alloc(18 << 20, unit)]), { level });
    const error = await errorOf(ingestGzip(bomb));
    expect(error.code).toBe("UNREADABLE_INPUT");
    expect(error.message).toMatch(/unfolds to more than 100 times its size.*gzip -d/);
  });

  it("may hold Parquet", async () => {
    const { withDatabase } = await import("../../../src/data/ingest/tables/database.ts");
    const { readFileSync } = await import("node:fs");
    const folder = write({ "items.csv": TEN_ITEMS });
    await withDatabase((connection) =>
      connection.run(`COPY (SELECT 'u' AS user_id, 'a' AS item_id UNION ALL SELECT 'v', 'b') TO '${folder}/e.parquet'`),
    );
    const zipped = write({ "items.csv": TEN_ITEMS, "e.parquet.gz": gzipSync(readFileSync(`${folder}/e.parquet`)) });
    const ingested = await ingestFolder(zipped, { interactions: { path: "e.parquet.gz" } });
    expect(pairsOf(ingested)).toEqual({ "u a": 1, "v b": 1 });
    expect(existsSync(`${zipped}/e.parquet`)).toBe(false);
  });
});

function altered(bytes: Buffer, place: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[place] ^= 0xff;
  return copy;
}

/** A member whose header has an extra field, a name and a comment. */
function withHeaderFields(text: string): Buffer {
  const plain = gzipSync(text);
  const header = Buffer.from(plain.subarray(0, 10));
  header[3] = 4 | 8 | 16;
  const fields = Buffer.from("\x03\x00abcname.csv\0a comment\0", "latin1");
  return Buffer.concat([header, fields, plain.subarray(10)]);
}
