/** Parquet as other tools write it: texts without their annotation, fixed lengths, files of nothing. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ingestItems } from "../../../src/data/ingest/ingest.ts";
import { withDatabase } from "../../../src/data/ingest/tables/database.ts";
import { errorOf, temporaryFiles } from "./ingest-files.ts";

const write = temporaryFiles();

async function folderWith(select: string): Promise<string> {
  const folder = write({});
  await withDatabase((connection) => connection.run(`COPY (${select}) TO '${join(folder, "items.parquet")}'`));
  return folder;
}

const options = { path: "items.parquet", columns: { title: "title" } };

describe("bytes in Parquet", () => {
  it("without an annotation are the UTF-8 text that they hold: ids, titles, lists and structs", async () => {
    const folder = await folderWith(
      "SELECT encode('üu0') AS item_id, encode('Thé 🎈') AS title, [encode('é'), NULL] AS tags, {'n': encode('ß')} AS o",
    );
    const attributes = ["tags", "o.n"].map((column) => ({ column, kind: "category" as const }));
    const { catalog } = await ingestItems({ ...options, attributes }, { folder });
    expect(catalog.ids).toEqual(["üu0"]);
    expect(catalog.titles).toEqual(["Thé 🎈"]);
    expect(catalog.attributes.map(({ values }) => values[0])).toEqual([["é"], ["ß"]]);
  });

  it("that are no UTF-8 are refused, naming the file and the remedy", async () => {
    const folder = await folderWith("SELECT 'a' AS item_id, '\\xFF\\xC3'::BLOB AS title");
    const error = await errorOf(ingestItems(options, { folder }));
    expect(error.code).toBe("UNREADABLE_INPUT");
    expect(error.message).toMatch(
      /items\.parquet: a mapped column holds bytes that are no UTF-8 text; export it as text/,
    );
  });

  it("in columns that nobody maps harm nobody", async () => {
    const folder = await folderWith("SELECT 'a' AS item_id, 'A' AS title, '\\xFF'::BLOB AS raw, {'x': 1} AS deep");
    expect((await ingestItems(options, { folder })).catalog.titles).toEqual(["A"]);
  });
});

describe("other types of Parquet", () => {
  it("keep their digits: large integers, decimals, UUIDs, dates", async () => {
    const values = [
      "9007199254740993",
      "12.50::DECIMAL(10,2)",
      "'b6428acb-9203-4a99-a588-2d1830ddfe79'::UUID",
      "DATE '2024-03-01'",
    ];
    for (const [i, expected] of [
      "9007199254740993",
      "12.50",
      "b6428acb-9203-4a99-a588-2d1830ddfe79",
      "2024-03-01",
    ].entries()) {
      const folder = await folderWith(`SELECT ${values[i]} AS item_id, NULL::VARCHAR AS title`);
      expect((await ingestItems(options, { folder })).catalog.ids).toEqual([expected]);
    }
  });

  it("a list where one text is needed is refused", async () => {
    const folder = await folderWith("SELECT ['a'] AS item_id, 'A' AS title");
    const error = await errorOf(ingestItems(options, { folder }));
    expect(error.message).toContain('the column "item_id" holds VARCHAR[]; one text a row is needed');
  });

  it("a file without rows is empty", async () => {
    const folder = await folderWith("SELECT 'a' AS item_id, 'A' AS title LIMIT 0");
    expect(await errorOf(ingestItems(options, { folder }))).toMatchObject({ code: "EMPTY_INPUT" });
  });
});
