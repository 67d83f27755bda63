/** The first rows of every format: as many as asked for, all columns, and nothing read behind them. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleTable } from "../../../src/data/ingest/table-sample.ts";
import { withDatabase } from "../../../src/data/ingest/tables/database.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-sample-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rows = Array.from({ length: 50 }, (_, i) => ({ id: `00${i}`, title: `thing, no ${i}` }));
const csv = `id,title\n${rows.map(({ id, title }) => `${id},"${title}"`).join("\n")}\n`;
const jsonl = rows.map((row) => JSON.stringify(row)).join("\n");

async function put(name: string, data: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, data);
  return path;
}

const textsOf = ({ columns }: Awaited<ReturnType<typeof sampleTable>>) =>
  columns.map(({ name, cells }) => [name, cells.map(({ texts }) => texts.join("|"))] as const);

describe("the first seven rows", () => {
  it.each([
    ["of CSV", "a.csv", csv],
    ["of CSV in gzip", "a.csv.gz", gzipSync(csv)],
    ["of JSON lines", "a.jsonl", jsonl],
    ["of a JSON array", "a.json", JSON.stringify(rows)],
    ["of a JSON array whose end is missing", "cut.json", JSON.stringify(rows).slice(0, -300)],
  ])("%s", async (_, name, data) => {
    const sample = await sampleTable({ path: await put(name, data) }, 7, {});
    expect(sample).toMatchObject({ rows: 7, isWhole: false });
    expect(textsOf(sample)).toEqual([
      ["id", rows.slice(0, 7).map(({ id }) => id)],
      ["title", rows.slice(0, 7).map(({ title }) => title)],
    ]);
  });

  it("of several files, the second as far as it is needed", async () => {
    const parts = join(folder, "parts");
    await mkdir(parts);
    for (const [i, from] of [0, 5, 10].entries()) {
      await writeFile(
        join(parts, `${i}.csv`),
        `id\n${rows
          .slice(from, from + 5)
          .map(({ id }) => id)
          .join("\n")}\n`,
      );
    }
    const sample = await sampleTable({ path: parts }, 7, {});
    expect(textsOf(sample)).toEqual([["id", rows.slice(0, 7).map(({ id }) => id)]]);
    expect(sample.folder).toBe(parts);
  });
});

it("of Parquet, where bytes of a picture are missing and bytes of a text are text", async () => {
  const path = join(folder, "a.parquet");
  const select =
    "SELECT encode('00' || i) AS id, '\\xFF\\xD8'::BLOB AS picture, [i, i + 1] AS list FROM range(50) t(i)";
  await withDatabase((connection) => connection.run(`COPY (${select}) TO '${path}'`));
  const sample = await sampleTable({ path }, 2, {});
  expect(textsOf(sample)).toEqual([
    ["id", ["000", "001"]],
    ["picture", ["", ""]],
    ["list", ["0|1", "1|2"]],
  ]);
});

it("a table with fewer rows is whole; lists stay lists, and a column without a name is left out", async () => {
  const path = await put("small.jsonl", '{"id":"a","tags":["x","y"],"":1}\n{"id":"b","more":{"k":1}}\n');
  const sample = await sampleTable({ path }, 7, {});
  expect([sample.rows, sample.isWhole]).toEqual([2, true]);
  expect(sample.columns).toEqual([
    {
      name: "id",
      cells: [
        { texts: ["a"], nested: null },
        { texts: ["b"], nested: null },
      ],
    },
    {
      name: "more",
      cells: [
        { texts: [], nested: null },
        { texts: ['{"k":1}'], nested: '{"k":1}' },
      ],
    },
    {
      name: "tags",
      cells: [
        { texts: ["x", "y"], nested: null },
        { texts: [], nested: null },
      ],
    },
  ]);
});

it("a pipe is refused: it could be read once, and no pipeline can name it", async () => {
  const path = join(folder, "pipe.csv");
  execFileSync("mkfifo", [path]);
  await expect(sampleTable({ path }, 7, {})).rejects.toMatchObject({
    code: "UNREADABLE_INPUT",
    message: expect.stringContaining("is a pipe"),
  });
});

describe("an encoding that is not named", () => {
  it.each([
    ["windows-1252", "latin1" as const, ""],
    ["utf-16le", "utf16le" as const, "\ufeff"],
    ["utf-16le", "utf16le" as const, ""],
  ])("is found: %s", async (encoding, bytes, mark) => {
    const path = await put(`${encoding}.csv`, Buffer.from(`${mark}id,title\n1,Amélie\n`, bytes));
    const sample = await sampleTable({ path }, 7, {});
    expect(sample).toMatchObject({ encoding, rows: 1 });
    expect(textsOf(sample)).toEqual([
      ["id", ["1"]],
      ["title", ["Amélie"]],
    ]);
  });

  it("is none in UTF-8, nor in JSON", async () => {
    for (const [name, data] of [
      ["utf8.csv", "id,title\n1,Amélie\n"],
      ["utf8.jsonl", '{"title":"Amélie"}\n'],
    ]) {
      expect(await sampleTable({ path: await put(name, data) }, 7, {})).not.toHaveProperty("encoding");
    }
  });
});
