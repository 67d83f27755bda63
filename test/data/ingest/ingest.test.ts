import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { ingestItems } from "../../../src/data/ingest/ingest.ts";
import { writeRejects } from "../../../src/data/ingest/rejects.ts";
import { ingestFolder, pairsOf, TEN_ITEMS, temporaryFiles } from "./ingest-files.ts";

const write = temporaryFiles();

const PAIRS = { "u1 a": 1, "u1 b": 1, "u2 a": 1, "u3 c": 1 };
const EVENTS = [
  ["u1", "a"],
  ["u1", "b"],
  ["u2", "a"],
  ["u3", "c"],
];
const delimited = (delimiter: string, end = "\n"): string =>
  [["user_id", "item_id"], ...EVENTS].map((row) => row.join(delimiter) + end).join("");
const jsonLines = EVENTS.map(([user_id, item_id]) => `${JSON.stringify({ user_id, item_id })}\n`).join("");

describe("formats", () => {
  it.each([
    ["events.csv", delimited(",")],
    ["semicolons.csv", delimited(";")],
    ["crlf.csv", delimited(",", "\r\n")],
    ["marked.csv", `\ufeff${delimited(",")}`],
    ["unended.csv", delimited(",").trimEnd()],
    ["unended-crlf.csv", delimited(",", "\r\n").trimEnd()],
    ["events.tsv", delimited("\t")],
    ["events.jsonl", jsonLines],
    ["marked.jsonl", `\ufeff${jsonLines}`],
    ["events.csv.gz", gzipSync(delimited(","))],
    ["events.jsonl.gz", gzipSync(jsonLines)],
    ["gzip-without-the-ending.csv", gzipSync(delimited(","))],
    ['od[d]*n?me\'s "file".csv', delimited(",")],
  ])("reads %s", async (name, content) => {
    const folder = write({ "items.csv": TEN_ITEMS, [name]: content });
    const ingested = await ingestFolder(folder, { interactions: { path: name } });
    expect(pairsOf(ingested)).toEqual(PAIRS);
    expect(ingested.report.rejects).toEqual([]);
  });

  it("reads Parquet: integers, timestamps and lists", async () => {
    const folder = write({});
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(
      `COPY (SELECT 9007199254740993 + range AS item_id, ['x', NULL, 'y' || range] AS tags, 1.5 AS price FROM range(3)) TO '${folder}/items.parquet'`,
    );
    await connection.run(
      `COPY (SELECT range AS user_id, 9007199254740993 + range % 2 AS item_id, TIMESTAMP '2024-01-01 00:00:10' AS at FROM range(4)) TO '${folder}/events.parquet'`,
    );
    connection.closeSync();
    const attributes = [
      { column: "tags", kind: "category" as const },
      { column: "price", kind: "price" as const },
    ];
    const ingested = await ingestFolder(folder, {
      interactions: { path: "events.parquet", columns: { time: "at" } },
      items: { path: "items.parquet", attributes },
    });
    expect(ingested.catalog.ids).toEqual(["9007199254740993", "9007199254740994", "9007199254740995"]);
    expect(ingested.catalog.attributes[0].values[2]).toEqual(["x", "y2"]);
    expect(ingested.catalog.attributes[1].values[0]).toBe(1.5);
    expect(ingested.userIds).toEqual(["0", "1", "2", "3"]);
    expect(ingested.interactions.times?.[0]).toBe(Date.UTC(2024, 0, 1, 0, 0, 10) / 1000);
  });
});

describe("the matrix", () => {
  it("orders users by first appearance, items by the catalog, and columns within a row", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id\nz,j\ny,c\nz,a\ny,b\n" });
    const { interactions, userIds, catalog } = await ingestFolder(folder);
    expect(userIds).toEqual(["z", "y"]);
    expect(catalog.ids.join("")).toBe("abcdefghij");
    expect([...interactions.indices]).toEqual([0, 9, 1, 2]);
    expect([...interactions.indptr]).toEqual([0, 2, 4]);
  });

  it("weighs by weight, event and age, then merges repeated pairs", async () => {
    const rows = ["u,a,2,view,2024-01-01", "u,a,1,buy,2024-01-11", "u,a,1,view,2024-01-21", "v,b,3,buy,2024-01-21"];
    const folder = write({
      "items.csv": TEN_ITEMS,
      "events.csv": ["user_id,item_id,w,e,t", ...rows].join("\n"),
    });
    const columns = { weight: "w", event: "e", time: "t" };
    const interactions = { columns, eventWeights: { view: 1, buy: 5 }, halfLifeDays: 10 };
    const merge = async (duplicates: "sum" | "max" | "last") =>
      pairsOf(await ingestFolder(folder, { interactions: { ...interactions, duplicates } }));
    // The rows weigh 2, 5, 1 and 15; their median, 2, counts 1.
    expect(await merge("sum")).toEqual({ "u a": (2 / 4 + 5 / 2 + 1) / 2, "v b": 7.5 });
    expect(await merge("max")).toEqual({ "u a": 1.25, "v b": 7.5 });
    expect(await merge("last")).toEqual({ "u a": 0.5, "v b": 7.5 });
  });

  it("keeps an interaction of a thousand half-lives ago above zero", async () => {
    const events = "user_id,item_id,t\nu,a,1900-01-01\nv,b,2024-01-01\n";
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": events });
    const { interactions } = await ingestFolder(folder, { interactions: { columns: { time: "t" }, halfLifeDays: 1 } });
    expect(interactions.values[0]).toBeGreaterThan(0);
  });

  it.each([
    ["2024-03-01T12:00:00Z", 1709294400],
    ["2024-03-01T14:00:00+02:00", 1709294400],
    ["2024-03-01 12:00:00", 1709294400],
    ["2024-03-01T12:00:00.250", 1709294400.25],
    ["2024-03-01", 1709251200],
    ["1709294400", 1709294400],
    ["1709294400000", 1709294400],
    ["7", 7],
    ["0", 0],
  ])("reads the time %s as %d", async (text, seconds) => {
    const events = `user_id,item_id,t\nu,a,${text}\nv,b,${text}\n`;
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": events });
    const { interactions } = await ingestFolder(folder, { interactions: { columns: { time: "t" } } });
    expect(interactions.times?.[0]).toBe(seconds);
  });

  it("keeps rows without a time, as unknown, and counts them", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id,t\nu,a,\nv,b,5\n" });
    const { interactions, report } = await ingestFolder(folder, { interactions: { columns: { time: "t" } } });
    expect([...(interactions.times ?? [])]).toEqual([Number.NaN, 5]);
    expect(report.interactions?.withoutTime).toBe(1);
  });

  it("leaves rows below the minimum out on purpose, not as rejects", async () => {
    const events = "user_id,item_id,rating\nu,a,3.5\nu,b,3\nv,b,4\nv,c,good\n";
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": events });
    const ingested = await ingestFolder(folder, { interactions: { minimum: { column: "rating", value: 3.5 } } });
    expect(pairsOf(ingested)).toEqual({ "u a": 1, "v b": 1 });
    expect(ingested.report.interactions).toMatchObject({ rows: 4, rejected: 1, belowMinimum: 1, pairs: 2 });
    expect(ingested.report.rejects[0]).toMatchObject({ line: 5, reason: "unparsable rating" });
  });

  it("counts a row below the minimum as such, whatever else is wrong with it", async () => {
    const rows = ["u,a,5", "v,b,4", "u,c,0", "v,d,-2", "w,zz,1", ",a,2", "w,,0.5", "w,e,none"];
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": `user_id,item_id,rating\n${rows.join("\n")}` });
    const columns = { weight: "rating" };
    const ingested = await ingestFolder(folder, {
      interactions: { columns, minimum: { column: "rating", value: 3 } },
    });
    expect(Object.keys(pairsOf(ingested))).toEqual(["u a", "v b"]);
    expect(ingested.report.interactions).toMatchObject({ rows: 8, rejected: 1, belowMinimum: 5 });
    expect(ingested.report.rejects[0]).toMatchObject({ line: 9, reason: "unparsable weight" });
  });

  it("leaves events to ignore out on purpose, whatever else is wrong with them", async () => {
    const rows = ["u,a,view,1", "v,b,buy,1", "u,zz,impression,1", ",c,impression,x", "v,c,impresion,1"];
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": `user_id,item_id,e,w\n${rows.join("\n")}` });
    const ingested = await ingestFolder(folder, {
      interactions: { columns: { event: "e", weight: "w" }, eventWeights: { view: 1, buy: 5, impression: "ignore" } },
    });
    expect(Object.keys(pairsOf(ingested))).toEqual(["u a", "v b"]);
    expect(ingested.report.interactions).toMatchObject({ rows: 5, rejected: 1, ignoredEvents: 2 });
    expect(ingested.report.rejects).toMatchObject([{ line: 6, reason: "unknown event" }]);
  });

  it("gives the same bytes on every run", async () => {
    const rows = Array.from(
      { length: 5000 },
      (_, i) => `u${(i * 7) % 301},${"abcdefghij"[(i * i) % 10]},${1 / (i + 1)}`,
    );
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": ["user_id,item_id,w", ...rows].join("\n") });
    const run = async () => (await ingestFolder(folder, { interactions: { columns: { weight: "w" } } })).interactions;
    const first = await run();
    for (let again = 0; again < 3; again++) expect(await run()).toEqual(first);
  });
});

describe("rejects", () => {
  it("names the reason, the line and the row of everything left out", async () => {
    const rows = [
      "u,a,1,view,5", // 2
      ",a,1,view,5",
      "u,,1,view,5",
      "u,zz,1,view,5",
      "u,a,one,view,5",
      "u,a,nan,view,5",
      "u,a,1e400,view,5",
      "u,a,0,view,5",
      "u,a,-1,view,5",
      "u,a,1,vieww,5",
      "u,a,1,view,soon", // 12
      "u,a,1,view",
      "u,a,1,view,5,6",
      'u,"a,1,view,5',
      "",
      "v,b,1,view,5", // 17
      "u,\ufffd\ufffd,1,view,5",
    ];
    const text = ["user_id,item_id,w,e,t", ...rows].join("\n");
    const bytes = Buffer.from(text.replace("\ufffd\ufffd", "??"));
    bytes[bytes.indexOf("??")] = 0xff;
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": bytes });
    const columns = { weight: "w", event: "e", time: "t" };
    const ingested = await ingestFolder(folder, { interactions: { columns, eventWeights: { view: 1 } } });
    expect(pairsOf(ingested)).toEqual({ "u a": 1, "v b": 1 });
    expect(ingested.report.rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [3, "missing user id"],
      [4, "missing item id"],
      [5, "unknown item"],
      [6, "unparsable weight"],
      [7, "non-finite weight"],
      [8, "non-finite weight"],
      [9, "non-positive weight"],
      [10, "non-positive weight"],
      [11, "unknown event"],
      [12, "unparsable time"],
      [13, "wrong number of fields"],
      [14, "wrong number of fields"],
      [15, "stray quote"],
      [18, "invalid UTF-8"],
    ]);
    expect(ingested.report.rejects[2].row).toEqual({ user_id: "u", item_id: "zz", w: "1", e: "view", t: "5" });
    expect(ingested.report.rejects[12].row).toBe('u,"a,1,view,5');
    expect(ingested.report.interactions).toMatchObject({ rows: 16, rejected: 14 });
    expect(ingested.report.summary[0]).toMatchObject({ count: 2 });
    expect(ingested.report.summary.reduce((sum, { count }) => sum + count, 0)).toBe(14);
  });

  it("names broken JSON lines and reads the others", async () => {
    const lines = [
      '{"user_id":1,"item_id":"a"}',
      '{"user_id":1',
      "",
      "[1,2]",
      '{"item_id":"b"}',
      '{"user_id":"2","item_id":"b"}',
    ];
    const folder = write({ "items.csv": TEN_ITEMS, "events.jsonl": lines.join("\n") });
    const ingested = await ingestFolder(folder, { interactions: { path: "events.jsonl" } });
    expect(pairsOf(ingested)).toEqual({ "1 a": 1, "2 b": 1 });
    expect(ingested.report.rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [2, "broken JSON"],
      [4, "broken JSON"],
      [5, "missing user id"],
    ]);
  });

  it("loses one line, not the rest of the file, to a stray quote", async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `u${i % 100},${"abcdefghij"[i % 10]}`);
    rows[1000] = 'u,"a';
    rows[150_000] = 'u,"b" c';
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": ["user_id,item_id", ...rows].join("\n") });
    const { report } = await ingestFolder(folder, { maximumRejectedShare: 0.01 });
    expect(report.interactions).toMatchObject({ rows: 200_000, rejected: 2 });
    expect(report.rejects.map(({ line }) => line)).toEqual([1002, 150_002]);
  });

  it("survives mixed line ends", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id\r\nu,a\nv,b\r\nw,c\n" });
    const ingested = await ingestFolder(folder);
    expect(pairsOf(ingested)).toEqual({ "u a": 1, "v b": 1, "w c": 1 });
  });

  it("counts physical lines through quoted line ends", async () => {
    const items = 'item_id,title\na,"two\nlines"\n,nameless\nb,"three\n\nlines"\n\n,nameless too\n';
    const folder = write({ "items.csv": items });
    const { report, catalog } = await ingestItems(
      { path: "items.csv", columns: { title: "title" }, maximumRejectedShare: 1 },
      { folder },
    );
    expect(report.rejects.map(({ line }) => line)).toEqual([4, 9]);
    expect(catalog.titles).toEqual(["two\nlines", "three\n\nlines"]);
  });

  it("writes every reject to a file, a JSON line each", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id\nu,a\nv,b\nw,zz\nw,yy\n" });
    const { report } = await ingestFolder(folder);
    await writeRejects(report, join(folder, "rejects.jsonl"));
    const written = readFileSync(join(folder, "rejects.jsonl"), "utf8").trimEnd().split("\n");
    expect(written.map((line) => JSON.parse(line))).toEqual(
      report.rejects.map((reject) => ({ ...reject, kept: false })),
    );
  });
});

describe("items", () => {
  it("reads titles, descriptions, pictures and attributes from JSON lines", async () => {
    const items = [
      {
        item_id: "x",
        name: "One",
        plot: "A plot",
        keys: ["k1", "k2"],
        pic: "p/1.jpg",
        tags: ["b", "a", "b", ""],
        price: 9.5,
      },
      { item_id: "y", name: null, keys: [], pic: "", tags: "solo", price: "cheap" },
      { item_id: "z", price: -1, tags: null },
    ];
    const folder = write({ "in/items.jsonl": items.map((item) => `${JSON.stringify(item)}\n`).join("") });
    const { catalog, report } = await ingestItems(
      {
        path: "in/items.jsonl",
        columns: { title: "name", description: ["plot", "keys"], image: "pic" },
        attributes: [
          { column: "tags", kind: "category" },
          { column: "price", kind: "price" },
        ],
      },
      { folder },
    );
    expect(catalog.titles).toEqual(["One", "", ""]);
    expect(catalog.descriptions).toEqual(["A plot\nk1, k2", "", ""]);
    expect(catalog.images).toEqual([join(folder, "in/p/1.jpg"), null, null]);
    expect(catalog.attributes[0].values).toEqual([["b", "a"], ["solo"], []]);
    expect([...catalog.attributes[1].values]).toEqual([9.5, Number.NaN, Number.NaN]);
    expect(report.missingCells.map(({ line, row }) => [line, row])).toEqual([
      [2, { item_id: "y", price: "cheap" }],
      [3, { item_id: "z", price: "-1" }],
    ]);
    expect(report.rejects).toEqual([]);
  });

  it("splits category text by the separator and starts pictures from imageFolder", async () => {
    const folder = write({ "items.csv": "item_id,genres,pic\na,x|y| x ,1.png\nb,,\n" });
    const { catalog } = await ingestItems(
      {
        path: "items.csv",
        columns: { image: "pic" },
        imageFolder: "pictures",
        attributes: [{ column: "genres", kind: "category", separator: "|" }],
      },
      { folder },
    );
    expect(catalog.attributes[0].values).toEqual([["x", "y"], []]);
    expect(catalog.images).toEqual([join(folder, "pictures/1.png"), null]);
  });

  it("reads prices with currencies and decimal commas, and counts what it cannot read by its reason", async () => {
    const cells = ["$31.93", '"1,299.00"', "cheap", "7 €", "", "5", "-3"];
    const folder = write({ "items.csv": `item_id,price\n${cells.map((cell, i) => `${i},${cell}\n`).join("")}` });
    const attributes = [{ column: "price", kind: "price" as const }];
    const { catalog, report } = await ingestItems({ path: "items.csv", attributes }, { folder });
    expect([...catalog.attributes[0].values]).toEqual([31.93, 1299, Number.NaN, Number.NaN, Number.NaN, 5, Number.NaN]);
    expect(report.missingCells.map(({ item, column, line, reason }) => [item, column, line, reason])).toEqual([
      ["2", "price", 4, 'unparsable price in "price", read as missing'],
      ["3", "price", 5, 'price in "price" in another currency than most, read as missing'],
      ["6", "price", 8, 'negative price in "price", read as missing'],
    ]);
    expect(report.summary.find(({ reason }) => reason.startsWith("unparsable"))?.accepted).toContain("1.299,00");
    expect(report.lostColumns).toEqual([]);
  });

  it("calls a column lost where cells are filled and not one can be read, and not where all are empty", async () => {
    const folder = write({ "items.csv": "item_id,price,size\na,ask,\nb,,\nc,call,\n" });
    const attributes = ["price", "size"].map((column) => ({ column, kind: "number" as const }));
    const { report } = await ingestItems({ path: "items.csv", attributes }, { folder });
    expect(report.lostColumns).toMatchObject([{ column: "price", kind: "number", cells: 2, example: { line: 2 } }]);
  });

  it("keeps items that nobody met", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id\nu,a\nv,b\n" });
    const { interactions, report } = await ingestFolder(folder);
    expect(interactions.columns).toBe(10);
    expect(report.interactions?.itemsWithoutInteractions).toBe(8);
  });
});
