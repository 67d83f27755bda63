/** What a path may stand for: a file, a folder, a pattern, a pipe. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ingest } from "../../../../src/data/ingest/ingest.ts";
import { matchingFiles } from "../../../../src/data/ingest/source/path-pattern.ts";
import { withDatabase } from "../../../../src/data/ingest/tables/database.ts";
import { errorOf, ingestFolder, pairsOf, TEN_ITEMS, temporaryFiles } from "../ingest-files.ts";

const write = temporaryFiles();
const HEADER = "user_id,item_id\n";
const PAIRS = { "u a": 1, "v b": 1, "w c": 1 };

async function pairsIn(files: Record<string, string | Buffer>, path: string): Promise<Record<string, number>> {
  const folder = write({ "items.csv": TEN_ITEMS, ...files });
  return pairsOf(await ingestFolder(folder, { interactions: { path } }));
}

describe("files of one table", () => {
  it.each([
    ["a pattern", "parts/part-*.csv"],
    ["a folder", "parts"],
    ["a folder with its slash", "parts/"],
    ["alternatives", "parts/part-{1,2,10}.csv"],
    ["a class of characters", "parts/part-[0-9]*.csv"],
    ["any depth", "**/part-*.csv"],
  ])("by %s are read in the order of their names", async (_, path) => {
    const files = {
      "parts/part-10.csv": `${HEADER}w,c\n`,
      "parts/part-2.csv": `${HEADER}v,b\n`,
      "parts/part-1.csv": `${HEADER}u,a\n`,
      "parts/_SUCCESS": "",
      "parts/.part-1.csv.crc": "\0\0",
    };
    const folder = write({ "items.csv": TEN_ITEMS, ...files });
    const ingested = await ingestFolder(folder, { interactions: { path } });
    expect(ingested.userIds).toEqual(["u", "v", "w"]);
    expect(pairsOf(ingested)).toEqual(PAIRS);
  });

  it("may order their columns differently, be compressed, and be empty", async () => {
    const files = {
      "parts/1.csv": `${HEADER}u,a\n`,
      "parts/2.csv.gz": gzipSync("item_id,extra,user_id\nb,x,v\n"),
      "parts/3.csv": "",
      "parts/4.csv": HEADER,
      "parts/5.csv": `${HEADER}w,c\n`,
    };
    expect(await pairsIn(files, "parts")).toEqual(PAIRS);
  });

  it("that were split without repeating the header go by the first one, and that is said", async () => {
    const folder = write({
      "items.csv": TEN_ITEMS,
      "p/aa.csv": `${HEADER}u,a\n`,
      "p/ab.csv": "v,b\n",
      "p/ac.csv": "w,c\n",
    });
    const { report, ...ingested } = await ingestFolder(folder, { interactions: { path: "p" } });
    expect(pairsOf({ report, ...ingested })).toEqual(PAIRS);
    expect(report.notes).toEqual([
      expect.stringMatching(/header of .*aa\.csv, having none of their own: .*ab\.csv, .*ac\.csv/),
    ]);
  });

  it("name their own file and line in rejects", async () => {
    const files = { "items.csv": TEN_ITEMS, "p/1.csv": `${HEADER}u,a\n\nbad\n`, "p/2.csv": `${HEADER}v,b\nw,zz\n` };
    const folder = write(files);
    const { report } = await ingestFolder(folder, { interactions: { path: "p" } });
    expect(report.rejects.map(({ file, line, reason }) => [file, line, reason])).toEqual([
      [join(folder, "p/1.csv"), 4, "wrong number of fields"],
      [join(folder, "p/2.csv"), 3, "unknown item"],
    ]);
    expect(report.interactions).toMatchObject({ file: join(folder, "p"), rows: 4, rejected: 2 });
  });

  it("may hold a key of JSON in one of them alone; a column of CSV must be in each", async () => {
    const files = {
      "i/1.jsonl": '{"item_id":"a"}\n',
      "i/2.jsonl": '{"item_id":"b","title":"B"}\n',
      "events.csv": `${HEADER}u,a\nv,b\n`,
    };
    const items = { path: "i", columns: { title: "title" } };
    expect((await ingestFolder(write(files), { items })).catalog.titles).toEqual(["", "B"]);
    const csv = write({
      "i/1.csv": "item_id,title\na,A\n",
      "i/2.csv": "item_id,name\nb,B\n",
      "events.csv": files["events.csv"],
    });
    const error = await errorOf(ingestFolder(csv, { items }));
    expect(error).toMatchObject({ code: "UNKNOWN_COLUMN", message: expect.stringContaining("2.csv has no column") });
  });

  it("repeat an item across files: both places are named", async () => {
    const folder = write({ "i/1.csv": "item_id\na\n", "i/2.csv": "item_id\na\n", "events.csv": HEADER });
    const error = await errorOf(ingestFolder(folder, { items: { path: "i" } }));
    expect(error.message).toMatch(/"a" \(.*1\.csv, line 2, and .*2\.csv, line 2\)/);
  });

  it("are Parquet as well", async () => {
    const folder = write({ "items.csv": TEN_ITEMS });
    mkdirSync(join(folder, "p"));
    await withDatabase(async (connection) => {
      for (const [i, row] of ["'u' AS user_id, 'a' AS item_id", "'b' AS item_id, 'v' AS user_id"].entries()) {
        await connection.run(`COPY (SELECT ${row}) TO '${join(folder, "p", `${i}.parquet`)}'`);
      }
    });
    expect(pairsOf(await ingestFolder(folder, { interactions: { path: "p" } }))).toEqual({ "u a": 1, "v b": 1 });
  });
});

describe("a path that stands for no table", () => {
  const files = { "p/1.csv": `${HEADER}u,a\n`, "p/2.jsonl": "{}\n", "empty/_SUCCESS": "" };

  it.each([
    ["a pattern without a match", "q/*.csv", "FILE_NOT_FOUND", "does not exist"],
    ["a pattern that matches nothing", "p/*.tsv", "FILE_NOT_FOUND", "matches no file"],
    ["a folder without data", "empty", "FILE_NOT_FOUND", "is a folder without files"],
    ["a folder of two formats", "p", "UNREADABLE_INPUT", "files of two formats"],
    ["a pattern with broken brackets", "p/[z-a].csv", "FILE_NOT_FOUND", "check its brackets"],
    ["a file taken for a folder", "p/1.csv/events.csv", "FILE_NOT_FOUND", "a part of the path is a file"],
    ["a device", "/dev/null", "UNREADABLE_INPUT", "is a terminal or a device"],
  ])("%s is refused", async (_, path, code, said) => {
    const folder = write({ "items.csv": TEN_ITEMS, ...files });
    const error = await errorOf(ingestFolder(folder, { interactions: { path } }));
    expect(error).toMatchObject({ code, message: expect.stringContaining(said) });
  });

  it("a file whose name holds a pattern's characters is that file", async () => {
    expect(await pairsIn({ "p[1]*.csv": `${HEADER}u,a\nv,b\nw,c\n`, "p1x.csv": HEADER }, "p[1]*.csv")).toEqual(PAIRS);
  });

  it("links are followed by name, and in no circle", async () => {
    const folder = write({ "p/1.csv": HEADER });
    symlinkSync(join(folder, "p"), join(folder, "p", "circle"));
    symlinkSync(join(folder, "p"), join(folder, "link"));
    expect(await matchingFiles(join(folder, "**", "*.csv"))).toEqual([join(folder, "p/1.csv")]);
    expect(await matchingFiles(join(folder, "link", "*.csv"))).toEqual([join(folder, "link/1.csv")]);
  });
});

describe("a pipe", () => {
  it("is read once, as a whole, plain or compressed", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "e.gz": gzipSync(`${HEADER}u,a\nv,b\nw,c\n`) });
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const interactions = { path: "pipe", format: "csv" as const };
    const [ingested] = await Promise.all([ingestFolder(folder, { interactions }), pour(join(folder, "e.gz"), pipe)]);
    expect(pairsOf(ingested)).toEqual(PAIRS);
    expect(ingested.report.rejects).toEqual([]);
    const untold = ingestFolder(folder, { interactions: { path: "pipe" } });
    expect(await errorOf(untold)).toMatchObject({ message: expect.stringContaining('set "format"') });
  });

  it("without a writer holds nobody up who cancels", async () => {
    const folder = write({ "items.csv": TEN_ITEMS });
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const cancelling = new AbortController();
    const options = { interactions: { path: "pipe", format: "csv" as const }, items: { path: "items.csv" } };
    const waiting = errorOf(ingest(options, { folder, signal: cancelling.signal }));
    setTimeout(() => cancelling.abort(), 200);
    expect(await waiting).toMatchObject({ code: "INTERRUPTED" });
  });

  it("of standard input is read as well, from a pipe and from a file", () => {
    const folder = write({ "items.csv": TEN_ITEMS, "e.csv": `${HEADER}u,a\nv,b\nw,c\n` });
    const script = join(folder, "read.mjs");
    const entry = join(import.meta.dirname, "..", "..", "..", "..", "dist", "data", "ingest", "ingest.js");
    writeFileSync(
      script,
      `import { ingest } from ${JSON.stringify(entry)};
      const options = { interactions: { path: "/dev/stdin", format: "csv" }, items: { path: "items.csv" } };
      const { userIds } = await ingest(options, { folder: ${JSON.stringify(folder)} });
      console.log(userIds.join());`,
    );
    const shell = (line: string): string => execFileSync("sh", ["-c", line], { cwd: folder, encoding: "utf8" }).trim();
    expect(shell(`cat e.csv | '${process.execPath}' read.mjs`)).toBe("u,v,w");
    expect(shell(`'${process.execPath}' read.mjs < e.csv`)).toBe("u,v,w");
    const input = `${HEADER}x,a\ny,b\n`;
    expect(execFileSync(process.execPath, ["read.mjs"], { cwd: folder, input, encoding: "utf8" }).trim()).toBe("x,y");
  });
});

/** Writes a file into a pipe, from another process: opening a pipe waits for its reader. */
async function pour(file: string, pipe: string): Promise<void> {
  const { execFile } = await import("node:child_process");
  await new Promise<void>((resolve) => execFile("sh", ["-c", `cat '${file}' > '${pipe}'`], () => resolve()));
}
