/** Forms of text files: what separates fields, arrays of JSON, headers that come again, half of an emoji. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ingestItems } from "../../../src/data/ingest/ingest.ts";
import { errorOf, ingestFolder, pairsOf, TEN_ITEMS, temporaryFiles } from "./ingest-files.ts";

const write = temporaryFiles();
const PAIRS = { "u a": 1, "v b": 1 };

describe("what separates fields", () => {
  it.each([
    [
      "semicolons, though quoted names hold more commas",
      '"user_id";"price, in EUR, gross, today";"item_id"\nu;1;a\nv;2;b\n',
    ],
    ["commas, though a quoted name holds semicolons and a line end", 'user_id,"a;b;c;\nd;e",item_id\nu,1,a\nv,2,b\n'],
    ["a bar", "user_id|item_id\nu|a\nv|b\n"],
    ["two colons", 'user_id::item_id::title\nu::a::"a::b"\nv::b::a:b:\n'],
    ["the separator under which the mapped columns are there", "user_id;item_id;a,b,c,d,e\nu;a;1,2\nv;b;3\n"],
  ])("is found in the header: %s", async (_, events) => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": events });
    expect(pairsOf(await ingestFolder(folder))).toEqual(PAIRS);
  });

  it.each(["^", "~", " ", "\x01", ":", "~~", "<=>"])("may be %j, where the pipeline says so", async (delimiter) => {
    const events = ["user_id,item_id", "u,a", "v,b"].map((line) => line.replace(",", () => delimiter)).join("\n");
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": events });
    expect(pairsOf(await ingestFolder(folder, { interactions: { delimiter } }))).toEqual(PAIRS);
    const error = await errorOf(ingestFolder(folder));
    expect(error.message).toMatch(/"delimiter"|the header is no text/);
  });

  it.each(["", ";;;;;", ':"', '"', "\n", "é", "\0"])("is never %j", async (delimiter) => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id\nu,a\n" });
    expect(await errorOf(ingestFolder(folder, { interactions: { delimiter } }))).toMatchObject({
      code: "INVALID_OPTIONS",
    });
  });
});

describe("a first line that declares the separator", () => {
  it.each([
    ["sep=;", ";", "\n"],
    ["SEP=,", ",", "\r\n"],
    ['"sep=|"', "|", "\r\n"],
    ["\ufeffsep=\t", "\t", "\n"],
    ["sep=^", "^", "\n"],
  ])("as %j is followed, and is no row", async (line, separator, end) => {
    const rows = ["user_id,item_id", "u,a", "v,b"].map((row) => row.replace(",", separator));
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": [line, ...rows].join(end) });
    const ingested = await ingestFolder(folder);
    expect(pairsOf(ingested)).toEqual(PAIRS);
    expect(ingested.report.rejects).toEqual([]);
  });

  it("gives way to what the pipeline names, in gzip too, and shifts no line number", async () => {
    const events = gzipSync("sep=,\nuser_id^item_id\nu^a\nv^b\nw^none\n");
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv.gz": events });
    const ingested = await ingestFolder(folder, { interactions: { path: "events.csv.gz", delimiter: "^" } });
    expect(pairsOf(ingested)).toEqual(PAIRS);
    expect(ingested.report.rejects.map(({ line }) => line)).toEqual([5]);
  });
});

describe("a file without a header line", () => {
  it("is read by the names that the pipeline gives, as MovieLens writes it", async () => {
    const folder = write({
      "items.dat": "a::Toy Story (1995)::Animation|Comedy\nb::Heat: a film::Action\n",
      "events.dat": "u::a::5::978300760\nv::b::3::978302109\n",
    });
    const dat = { format: "csv", delimiter: "::" } as const;
    const ingested = await ingestFolder(folder, {
      interactions: { path: "events.dat", ...dat, header: ["user_id", "item_id", "rating", "time"] },
      items: { path: "items.dat", ...dat, header: ["item_id", "title", "genres"], columns: { title: "title" } },
    });
    expect(pairsOf(ingested)).toEqual(PAIRS);
    expect(ingested.catalog.titles).toEqual(["Toy Story (1995)", "Heat: a film"]);
    expect(ingested.report.rejects).toEqual([]);
  });

  it("is refused where it has more columns than names", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "u,a,5\nv,b,3\n" });
    const error = await errorOf(ingestFolder(folder, { interactions: { header: ["user_id", "item_id"] } }));
    expect(error.code).toBe("UNREADABLE_INPUT");
    expect(error.message).toContain('events.csv: the first line has 3 fields, but "header" names 2: u,a,5');
  });

  it("may have one after all", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id\nu,a\nv,b\n" });
    expect(pairsOf(await ingestFolder(folder, { interactions: { header: ["user_id", "item_id"] } }))).toEqual(PAIRS);
  });
});

describe("weights with decimal commas", () => {
  const weightsOf = async (cells: readonly string[]) => {
    const rows = cells.map((cell, i) => `u${i};${"abcdefghij"[i]};${cell}\n`);
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": `user_id;item_id;w\n${rows.join("")}` });
    const ingested = await ingestFolder(folder, { interactions: { columns: { weight: "w" } } });
    const largest = Math.max(...ingested.interactions.values);
    return { shares: Array.from(ingested.interactions.values, (value) => value / largest), ...ingested.report };
  };

  it.each([
    ["commas alone", ["0,5", "1,0", "2,", "4"], [0.125, 0.25, 1], 1],
    ["groups of thousands", ["1.000", "1.000,0", "2000,0", "0,5"], [0.5, 0.5, 1, 0.00025], 0],
    ["three decimals, told by the others", ["1,250", "2,5", "5"], [0.25, 0.5, 1], 0],
    ["points beside commas", ["0.5", "0,5", "1"], [0.5, 0.5, 1], 0],
    ["points alone, as ever", ["0.5", "1.250", "2.5"], [0.2, 0.5, 1], 0],
  ])("are read: %s", async (_, cells, shares, rejected) => {
    const found = await weightsOf(cells);
    expect(found.interactions?.rejected).toBe(rejected);
    for (const [i, share] of shares.entries()) expect(found.shares[i]).toBeCloseTo(share, 6);
  });

  it("are not guessed where a comma may part thousands", async () => {
    const { rejects } = await weightsOf(["1,250", "2", "3"]);
    expect(rejects.map(({ reason }) => reason)).toEqual(["unparsable weight"]);
  });

  it("count for `minimum` too", async () => {
    const events = "user_id;item_id;r\nu;a;3,5\nv;b;4,5\nw;c;2,5\n";
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": events });
    const { report } = await ingestFolder(folder, { interactions: { minimum: { column: "r", value: 3.5 } } });
    expect(report.interactions).toMatchObject({ pairs: 2, belowMinimum: 1, rejected: 0 });
  });
});

describe("a JSON array", () => {
  const items = [
    { item_id: "a", title: 'A "quoted", [bracketed] \\ {one}\n' },
    { item_id: "b", title: null },
    { item_id: "c" },
  ];

  it.each([
    ["on one line", JSON.stringify(items)],
    ["over many lines", `\n\ufeff${JSON.stringify(items, null, 2)}\n\n`.replace("\n\ufeff", "\ufeff")],
    ["with carriage returns", JSON.stringify(items, null, "\t").replaceAll("\n", "\r\n")],
    ["in gzip", gzipSync(JSON.stringify(items, null, 1))],
  ])("%s is read as one object a line", async (_, content) => {
    const folder = write({ "items.json": content });
    const { catalog, report } = await ingestItems({ path: "items.json", columns: { title: "title" } }, { folder });
    expect(catalog.ids).toEqual(["a", "b", "c"]);
    expect(catalog.titles).toEqual([items[0].title, "", ""]);
    expect(report.rejects).toEqual([]);
  });

  it("of many megabytes is read as a whole, with the line of what is wrong", async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `  {"item_id": "${i}", "title": "${"x".repeat(40)}"}`);
    rows[49_999] = '  {"item_id": broken}';
    const folder = write({ "items.json": `[\n${rows.join(",\n")}\n]\n` });
    const { catalog, report } = await ingestItems({ path: "items.json", columns: { title: "title" } }, { folder });
    expect(catalog.ids.length).toBe(59_999);
    expect(report.rejects.map(({ line, reason }) => [line, reason])).toEqual([[50_001, "broken JSON"]]);
  });

  it("rejects entries that are no objects", async () => {
    const folder = write({ "items.json": '[{"item_id":"a"}, 7, "b", [1, [2]], null,\n{"item_id":"c"},]' });
    const options = { path: "items.json", maximumRejectedShare: 1 };
    const { catalog, report } = await ingestItems(options, { folder });
    expect(catalog.ids).toEqual(["a", "c"]);
    expect(report.rejects.map(({ row }) => row)).toEqual(["7", '"b"', "[1, [2]]", "null"]);
  });

  it.each([
    ["that is cut off", '[{"item_id":"a"},\n{"item_id":"b"', "line 2: the array never ends"],
    ["with more behind it", '[{"item_id":"a"}]\n[{"item_id":"b"}]', "line 2: text after the end of the array"],
    ["with an endless text in it", `[{"item_id":"${"x".repeat(3 << 20)}`, "longer than 1 MiB"],
  ])("%s is refused", async (_, content, said) => {
    const folder = write({ "items.json": content });
    const error = await errorOf(ingestItems({ path: "items.json" }, { folder }));
    expect(error).toMatchObject({ code: "UNREADABLE_INPUT", message: expect.stringContaining(said) });
  });
});

describe("JSON that is cut through an emoji", () => {
  it("keeps the item, with U+FFFD for the half, and every other character", async () => {
    const lines = [
      JSON.stringify({ item_id: "a", title: "🎈 balloon 🎈".slice(0, -1) }),
      '{"item_id":"b","title":"low \\udc00 and C:\\\\ud83d and \\ud83c\\udf88"}',
      JSON.stringify({ item_id: "c", title: "plain" }),
    ];
    const folder = write({ "items.jsonl": lines.join("\n") });
    const { catalog, report } = await ingestItems({ path: "items.jsonl", columns: { title: "title" } }, { folder });
    expect(catalog.titles).toEqual(["🎈 balloon \ufffd", "low \ufffd and C:\\ud83d and 🎈", "plain"]);
    expect(report.rejects).toEqual([]);
  });

  it("is mended in an array too, and in ids on both sides", async () => {
    const half = JSON.stringify("a\ud83c");
    const files = {
      "items.json": `[{"item_id":${half}}]`,
      "e.jsonl": ["u", "v"].map((u) => `{"user_id":"${u}","item_id":${half}}\n`).join(""),
    };
    const ingested = await ingestFolder(write(files), {
      items: { path: "items.json" },
      interactions: { path: "e.jsonl" },
    });
    expect(pairsOf(ingested)).toEqual({ "u a\ufffd": 1, "v a\ufffd": 1 });
  });

  it("is still broken where more is wrong with it", async () => {
    const folder = write({ "items.jsonl": '{"item_id":"a","title":"\\ud83c"\n{"item_id":"b"}\n' });
    const { report } = await ingestItems({ path: "items.jsonl", maximumRejectedShare: 1 }, { folder });
    expect(report.rejects).toMatchObject([{ line: 1, reason: "broken JSON" }]);
  });
});

describe("a header that comes again", () => {
  it.each(["", "\ufeff"])("as in files put one behind the other, is a reject and no item (mark %j)", async (mark) => {
    const folder = write({ "items.csv": `${mark}item_id,title\na,A\n${mark}item_id,title\nb,B\n` });
    const { catalog, report } = await ingestItems({ path: "items.csv", maximumRejectedShare: 1 }, { folder });
    expect(catalog.ids).toEqual(["a", "b"]);
    expect(report.rejects).toMatchObject([{ line: 3, reason: "the header again" }]);
  });
});

describe("another encoding", () => {
  const titles = "item_id,title\na,Amélie\nb,Les Misérables\n";
  const events = "user_id,item_id\nu,a\nv,b\n";
  const utf16be = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le").swap16();

  it.each([
    ["windows-1252", Buffer.from(titles, "latin1")],
    ["latin1", Buffer.from(titles, "latin1")],
    ["utf-16le", Buffer.from(`\ufeff${titles}`, "utf16le")],
    ["utf-16le", Buffer.from(titles, "utf16le")],
    ["utf-16be", utf16be(titles)],
    ["utf-16le", gzipSync(Buffer.from(titles, "utf16le"))],
    ["utf-16", Buffer.from(titles, "utf16le")],
    ["cp1252", Buffer.from(titles, "latin1")],
    ["UTF8", Buffer.from(titles)],
  ])("%s is read where the pipeline names it", async (encoding, bytes) => {
    const path = bytes[0] === 0x1f ? "items.csv.gz" : "items.csv";
    const { catalog, report } = await ingestFolder(write({ [path]: bytes, "events.csv": events }), {
      items: { path, encoding, columns: { title: "title" } },
    });
    expect([catalog.titles, report.rejects]).toEqual([["Amélie", "Les Misérables"], []]);
  });

  it("is never cut within a sign, however large the file", async () => {
    const ids = Array.from({ length: 60_000 }, (_, i) => `日本${i}`);
    const rows = Buffer.from(`item_id,title\n${ids.map((id) => `${id},${id}${id}\n`).join("")}`, "utf16le");
    const folder = write({ "items.csv": rows });
    const { catalog } = await ingestItems({ path: "items.csv", encoding: "utf-16le" }, { folder });
    expect(catalog.ids).toEqual(ids);
  });

  it("is named by what is rejected, and by a header that cannot be read", async () => {
    const latin = Buffer.from(titles, "latin1");
    const strict = { maximumRejectedShare: 0 };
    const rejected = await errorOf(ingestFolder(write({ "items.csv": latin, "events.csv": events }), strict));
    expect(rejected.message).toContain('name its "encoding" if it has another, such as windows-1252');
    const headed = Buffer.from("item_id,título\na,b\n", "latin1");
    const error = await errorOf(ingestFolder(write({ "items.csv": headed, "events.csv": events })));
    expect(error.message).toMatch(/the header has invalid UTF-8: .*; name its "encoding"/);
  });

  it("that nobody knows is a wrong option, and bytes that it does not have end the reading", async () => {
    const folder = write({ "items.csv": Buffer.from([0x61, 0x0a, 0xff, 0xff]), "events.csv": events });
    const unknown = await errorOf(ingestFolder(folder, { items: { encoding: "klingon" } }));
    expect(unknown).toMatchObject({ code: "INVALID_OPTIONS", message: expect.stringContaining("WHATWG") });
    const broken = await errorOf(ingestFolder(folder, { items: { encoding: "shift_jis" } }));
    expect(broken).toMatchObject({
      code: "UNREADABLE_INPUT",
      message: expect.stringContaining("items.csv holds bytes that are no shift_jis text"),
    });
  });

  it("of JSON and Parquet is a wrong option: they have their own", async () => {
    const folder = write({ "items.jsonl": '{"item_id":"a"}\n', "events.csv": events });
    const error = await errorOf(ingestFolder(folder, { items: { path: "items.jsonl", encoding: "latin1" } }));
    expect(error).toMatchObject({ code: "INVALID_OPTIONS", message: expect.stringContaining("is for CSV and TSV") });
  });

  it("that a bundle's files had is left alone in JSON of later ones", async () => {
    const folder = write({ "new.jsonl": '{"item_id":"é"}\n', "new.csv": Buffer.from("item_id\né\n", "latin1") });
    const idsOf = async (path: string) =>
      (await ingestItems({ path, encoding: "latin1" }, { folder, defaultFormat: "csv" })).catalog.ids;
    expect([await idsOf("new.jsonl"), await idsOf("new.csv")]).toEqual([["é"], ["é"]]);
  });
});
