/** Files that are no tables, or not in a form that can be read: named for what they are, never printed. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { errorOf, ingestFolder, pairsOf, TEN_ITEMS, temporaryFiles } from "./ingest-files.ts";

const write = temporaryFiles();
const EVENTS = "user_id,item_id\nu,a\nv,b\n";
/** What compressors make: bytes of every kind, the same on every run. */
const NOISE = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * i * 31 + i * 7) % 256));

const begun = (hex: string): Buffer => Buffer.concat([Buffer.from(hex, "hex"), NOISE]);
const ustar = Buffer.concat([Buffer.from("events.csv".padEnd(257, "\0")), Buffer.from("ustar\0"), NOISE]);

async function faultOf(content: Buffer | string, name = "events.csv") {
  const folder = write({ "items.csv": TEN_ITEMS, [name]: content });
  return errorOf(ingestFolder(folder, { interactions: { path: name } }));
}

describe("a file of another kind under the name of a table", () => {
  it.each([
    ["zip", begun("504b03041400"), "a zip archive; decompress it first (unzip)"],
    [
      "Excel",
      Buffer.concat([begun("504b03041400").subarray(0, 30), Buffer.from("[Content_Types].xml"), NOISE]),
      "a spreadsheet; save it as CSV",
    ],
    ["old Excel", begun("d0cf11e0a1b11ae1"), "an Excel workbook; save it as CSV"],
    ["zstd", begun("28b52ffd"), "zstd-compressed; decompress it first (zstd -d)"],
    ["xz", begun("fd377a585a00"), "xz-compressed; decompress it first (xz -d)"],
    ["bzip2", begun("425a6839314159265359"), "bzip2-compressed; decompress it first (bzip2 -d)"],
    ["lz4", begun("04224d18"), "lz4-compressed"],
    ["7z", begun("377abcaf271c"), "a 7z archive"],
    ["tar", ustar, "a tar archive"],
    ["tar in gzip", gzipSync(ustar), "a tar archive"],
    ["Avro", begun("4f626a01"), "an Avro file; export it as CSV, JSON lines or Parquet"],
    ["ORC", begun("4f52430a"), "an ORC file"],
    ["SQLite", begun("53514c69746520666f726d6174203300"), "an SQLite database"],
    ["pickle", begun("80049503"), "a Python pickle"],
    ["UTF-16", Buffer.from(`\ufeff${EVENTS}`, "utf16le"), "UTF-16 text; save it as UTF-8"],
    ["UTF-16 without its mark", Buffer.from(EVENTS, "utf16le"), "UTF-16 text; save it as UTF-8"],
    ["UTF-16, big end first", Buffer.from(EVENTS, "utf16le").swap16(), "UTF-16 text; save it as UTF-8"],
    ["UTF-16 in gzip", gzipSync(Buffer.from(`\ufeff${EVENTS}`, "utf16le")), "UTF-16 text; save it as UTF-8"],
    [
      "a web page",
      "<!DOCTYPE html>\n<html><body>Please log in</body></html>",
      "an HTML page; download the data itself",
    ],
    ["XML", '<?xml version="1.0"?>\n<items/>', "an XML document"],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a Git LFS pointer"],
    ["line ends of old Macs", EVENTS.replaceAll("\n", "\r"), "ends its lines with carriage returns alone"],
  ])("%s is named, with the remedy", async (_, content, said) => {
    const error = await faultOf(content);
    expect(error.code).toBe("UNREADABLE_INPUT");
    expect(error.message).toContain(said);
    expect(error.message).not.toMatch(/[\p{Cc}\ufffd]/u);
    expect(error.message.length).toBeLessThan(300);
  });

  it.each(["events.csv.zip", "events.zip", "events.xlsx"])(
    "%s is a zip archive before it is an unknown ending",
    async (name) => {
      expect((await faultOf(begun("504b03041400"), name)).message).toContain("is a zip archive");
    },
  );

  it("JSON lines with line ends of old Macs are named as well", async () => {
    const error = await faultOf('{"user_id":1}\r{"user_id":2}\r', "events.jsonl");
    expect(error.message).toContain("carriage returns alone");
  });
});

describe("a table whose first letters are those of another kind", () => {
  it.each(["ORCID", "BZh91AY", "PAR1", "LZIP", "Obj", "%PDF"])("%s is read", async (name) => {
    const folder = write({ "items.csv": TEN_ITEMS, "e.csv": `${name},user_id,item_id\n1,u,a\n2,v,b\n` });
    const interactions = { path: "e.csv", format: "csv" as const };
    expect(pairsOf(await ingestFolder(folder, { interactions }))).toEqual({ "u a": 1, "v b": 1 });
  });
});

describe("a header that cannot be used", () => {
  it.each([
    [
      "binary",
      Buffer.concat([Buffer.from("user\x01\x02_id,it\x1bem_id"), Buffer.from("\nu,a\n")]),
      "the header is no text",
    ],
    ["not UTF-8", Buffer.from("user_id,item_id,\u00e9\nu,a,b\n", "latin1"), "the header has invalid UTF-8"],
    ["a stray quote", `user_id,"item"_id,${"x".repeat(20_000)}\nu,a,b\n`, "the header has stray quote"],
    [
      "a column too few of thousands",
      `${Array.from({ length: 9000 }, (_, i) => `c${i}`).join(",")}\n1\n`,
      "and 8980 more",
    ],
  ])("%s is shown shortened and cleaned", async (_, content, said) => {
    const error = await faultOf(content);
    expect(error.message).toContain(said);
    expect(error.message.length).toBeLessThan(500);
    expect(error.message).not.toMatch(/[\p{Cc}\ufffd]/u);
  });
});
