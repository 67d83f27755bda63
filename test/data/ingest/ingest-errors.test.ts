/** Bad input: each fault has its code, and the message says what to do. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Changes, errorOf, ingestFolder, TEN_ITEMS, temporaryFiles } from "./ingest-files.ts";

const write = temporaryFiles();
const EVENTS = "user_id,item_id\nu,a\nv,b\n";
const GZIP = gzipSync(Buffer.from(EVENTS + "w,c\n".repeat(10_000)));

/** The error of ingesting the two files; `undefined` leaves a file out. */
async function faultOf(events: string | Buffer | undefined, items: string | Buffer | undefined, changes?: Changes) {
  const files: Record<string, string | Buffer> = {};
  if (events !== undefined) files["events.csv"] = events;
  if (items !== undefined) files["items.csv"] = items;
  return errorOf(ingestFolder(write(files), changes));
}

describe("ingest refuses", () => {
  it("a missing file, naming the nearest one", async () => {
    const error = await faultOf(EVENTS, TEN_ITEMS, { interactions: { path: "event.csv" } });
    expect(error).toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining('did you mean "events.csv"?'),
    });
  });

  it("a file in a folder that does not exist", async () => {
    const error = await faultOf(EVENTS, TEN_ITEMS, { items: { path: "nowhere/items.csv" } });
    expect(error).toMatchObject({ code: "FILE_NOT_FOUND", message: expect.stringContaining("folder") });
  });

  it.each([
    ["an empty interactions file", "", TEN_ITEMS, "events.csv"],
    ["an empty items file", EVENTS, "", "items.csv"],
    ["a header without rows", "user_id,item_id\n", TEN_ITEMS, "no rows after its header"],
    ["a header and blank lines only", "user_id,item_id\n\n\n", TEN_ITEMS, "no rows after its header"],
  ])("%s", async (_, events, items, said) => {
    const error = await faultOf(events, items);
    expect(error).toMatchObject({ code: "EMPTY_INPUT", message: expect.stringContaining(said) });
  });

  it("a wrong column name, suggesting the nearest and listing all", async () => {
    const error = await faultOf(EVENTS, TEN_ITEMS, { interactions: { columns: { user: "userid" } } });
    expect(error.code).toBe("UNKNOWN_COLUMN");
    expect(error.message).toContain('did you mean "user_id"?');
    expect(error.message).toContain("user_id, item_id");
  });

  it("a wrong key of JSON lines, but not one that only some lines have", async () => {
    const lines = `${'{"item_id":1}\n'.repeat(2000)}`.replace(/1/g, () => String(Math.random()));
    const folder = write({ "events.csv": EVENTS, "items.jsonl": `${lines}{"item_id":"a","brand":"x"}\n` });
    const titled = (title: string) => ingestFolder(folder, { items: { path: "items.jsonl", columns: { title } } });
    expect(await errorOf(titled("brands"))).toMatchObject({
      code: "UNKNOWN_COLUMN",
      message: expect.stringContaining('"brand"?'),
    });
    expect(await errorOf(titled("brand"))).toMatchObject({ code: "NOT_ENOUGH_DATA" });
  });

  it("a mapped column that the header names twice", async () => {
    const error = await faultOf("user_id,item_id,item_id\nu,a,b\n", TEN_ITEMS);
    expect(error).toMatchObject({ code: "UNREADABLE_INPUT", message: expect.stringContaining("2 times") });
  });

  it("a truncated gzip, even when the cut leaves whole lines", async () => {
    for (const cut of [4, 8, 20, GZIP.length - 30]) {
      const error = await faultOf(GZIP.subarray(0, GZIP.length - cut), TEN_ITEMS);
      expect(error).toMatchObject({
        code: "UNREADABLE_INPUT",
        message: expect.stringContaining("truncated or damaged gzip"),
      });
    }
  });

  it("a gzip with altered bytes", async () => {
    const altered = Buffer.from(GZIP);
    altered[altered.length - 6] ^= 0xff;
    expect(await faultOf(altered, TEN_ITEMS)).toMatchObject({ code: "UNREADABLE_INPUT" });
  });

  it("a file that is not UTF-8, naming lines", async () => {
    const latin = Buffer.from("user_id,item_id\nJos\u00e9,a\nZo\u00eb,b\n", "latin1");
    const error = await faultOf(latin, TEN_ITEMS, { maximumRejectedShare: 0.05 });
    expect(error.code).toBe("TOO_MANY_REJECTS");
    expect(error.message).toMatch(/2 x invalid UTF-8 \(line 2:/);
  });

  it("a file in UTF-16", async () => {
    const error = await faultOf(Buffer.from(`\ufeff${EVENTS}`, "utf16le"), TEN_ITEMS);
    expect(error).toMatchObject({ code: "UNREADABLE_INPUT", message: expect.stringContaining("save it as UTF-8") });
  });

  it("a header that is not UTF-8", async () => {
    const error = await faultOf(Buffer.from("user_id,item_id,\u00e9\nu,a,b\n", "latin1"), TEN_ITEMS);
    expect(error).toMatchObject({ code: "UNREADABLE_INPUT", message: expect.stringContaining("header") });
  });

  it("a Parquet file that is none", async () => {
    const folder = write({ "events.csv": EVENTS, "items.parquet": "not parquet at all" });
    const error = await errorOf(ingestFolder(folder, { items: { path: "items.parquet" } }));
    expect(error).toMatchObject({ code: "UNREADABLE_INPUT", message: expect.stringContaining("items.parquet") });
  });

  it("a name that does not tell the format", async () => {
    const folder = write({ "events.dat": EVENTS, "items.csv": TEN_ITEMS });
    const error = await errorOf(ingestFolder(folder, { interactions: { path: "events.dat" } }));
    expect(error).toMatchObject({ code: "UNREADABLE_INPUT", message: expect.stringContaining('set "format"') });
    await ingestFolder(folder, { interactions: { path: "events.dat", format: "csv" } });
  });

  it("repeated item ids, naming the first with their lines", async () => {
    const error = await faultOf(EVENTS, "item_id,title\na,x\nb,y\na,z\n");
    expect(error).toMatchObject({ code: "DUPLICATE_ITEM", message: expect.stringContaining('"a" (lines 2 and 4)') });
  });

  it("interactions of a single user", async () => {
    const error = await faultOf("user_id,item_id\nu,a\nu,b\n", TEN_ITEMS);
    expect(error).toMatchObject({
      code: "NOT_ENOUGH_DATA",
      message: expect.stringContaining("received 1 user with 2"),
    });
  });

  it("more rejects than allowed, with counts and examples, in either file", async () => {
    const events = `${EVENTS}w,zz\n`;
    const error = await faultOf(events, TEN_ITEMS, { maximumRejectedShare: 0.3 });
    expect(error.code).toBe("TOO_MANY_REJECTS");
    expect(error.message).toMatch(/1 of 3 rows rejected \(33.33 %, allowed 30 %\): 1 x unknown item \(line 4: .*zz/);
    await ingestFolder(write({ "events.csv": events, "items.csv": TEN_ITEMS }), { maximumRejectedShare: 0.34 });
    const itemsFault = await faultOf(EVENTS, `${TEN_ITEMS},nameless\n`, { maximumRejectedShare: 0.05 });
    expect(itemsFault).toMatchObject({ code: "TOO_MANY_REJECTS", message: expect.stringContaining("items.csv") });
  });

  it.each([
    [{ columns: { event: "e" } }, "eventWeights"],
    [{ eventWeights: { view: 1 } }, "columns.event"],
    [{ columns: { event: "e" }, eventWeights: { view: "ignore" } }, "at least one event needs a weight"],
    [{ halfLifeDays: 3 }, "columns.time"],
    [{ columns: { usr: "u" } }, 'did you mean "user"?'],
  ])("options that do not fit each other: %j", async (interactions, said) => {
    const error = await faultOf(EVENTS, TEN_ITEMS, { interactions: interactions as Changes["interactions"] });
    expect(error).toMatchObject({ code: "INVALID_OPTIONS", message: expect.stringContaining(said) });
  });

  it("to go on once interrupted", async () => {
    const folder = write({ "events.csv": EVENTS, "items.csv": TEN_ITEMS });
    const { ingest } = await import("../../../src/data/ingest/ingest.ts");
    const options = { interactions: { path: "events.csv" }, items: { path: "items.csv" } };
    const interrupted = ingest(options, { folder, signal: AbortSignal.abort() });
    expect(await errorOf(interrupted)).toMatchObject({ code: "INTERRUPTED" });
  });
});
