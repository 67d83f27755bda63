/** Items files that lack a mapped column, as files of new items often do. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ingestItems } from "../../../src/data/ingest/ingest.ts";
import { withDatabase } from "../../../src/data/ingest/tables/database.ts";
import { errorOf, temporaryFiles } from "./ingest-files.ts";

const write = temporaryFiles();
const mapping = {
  columns: { id: "item_id", title: "title", description: ["brand", "text"], image: "image" },
  attributes: [
    { column: "brand", kind: "category" as const },
    { column: "price", kind: "price" as const },
  ],
  absentColumns: "missing" as const,
};

describe("with absentColumns: missing", () => {
  it.each([
    ["CSV", "new.csv", "item_id,title\na,Oak table\n"],
    ["JSON lines", "new.jsonl", '{"item_id":"a","title":"Oak table"}\n'],
  ])("a %s file without them gives items that miss them", async (_, name, content) => {
    await expectBareItem(write({ [name]: content }), name);
  });

  it("a Parquet file without them gives items that miss them", async () => {
    const folder = write({});
    const path = join(folder, "new.parquet");
    await withDatabase(async (connection) => {
      await connection.run(`COPY (SELECT 'a' AS item_id, 'Oak table' AS title) TO '${path}' (FORMAT parquet)`);
    });
    await expectBareItem(folder, "new.parquet");
  });

  it("what is absent is reported, with the name that was perhaps meant", async () => {
    const folder = write({ "new.csv": "item_id,Title, text,brnad\na,Oak table,x,y\n" });
    const { report } = await ingestItems({ ...mapping, path: "new.csv" }, { folder });
    expect(report.absentColumns.map(({ column, near }) => [column, near])).toEqual([
      ["title", "Title"],
      ["brand", "brnad"],
      ["text", " text"],
      ["image", undefined],
      ["price", undefined],
    ]);
  });

  it("the id is still needed", async () => {
    const folder = write({ "new.csv": "id,title\na,Oak table\n" });
    const error = await errorOf(ingestItems({ ...mapping, path: "new.csv" }, { folder }));
    expect(error).toMatchObject({ code: "UNKNOWN_COLUMN", message: expect.stringContaining('no column "item_id"') });
  });
});

it("without it, an absent column is an error", async () => {
  const folder = write({ "new.csv": "item_id,title\na,Oak table\n" });
  const error = await errorOf(ingestItems({ ...mapping, path: "new.csv", absentColumns: "error" }, { folder }));
  expect(error.code).toBe("UNKNOWN_COLUMN");
});

async function expectBareItem(folder: string, path: string): Promise<void> {
  const { catalog, report } = await ingestItems({ ...mapping, path }, { folder });
  expect(catalog).toMatchObject({ ids: ["a"], titles: ["Oak table"], descriptions: [""], images: [null] });
  expect(catalog.attributes).toEqual([
    { name: "brand", kind: "category", values: [[]] },
    { name: "price", kind: "price", values: Float64Array.of(Number.NaN) },
  ]);
  expect(report.items.rejected).toBe(0);
}
