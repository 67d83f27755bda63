/** Lists in lists, objects, and lists that a cell holds as text. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ingestItems } from "../../../../src/data/ingest/ingest.ts";
import { nestedCategories } from "../../../../src/data/ingest/json/nested-values.ts";
import { withDatabase } from "../../../../src/data/ingest/tables/database.ts";
import { errorOf, temporaryFiles } from "../ingest-files.ts";

const write = temporaryFiles();

async function categoriesOf(file: string, content: string, column: string, separator: string | null = null) {
  const folder = write({ [file]: content });
  const attributes = [{ column, kind: "category" as const, separator }];
  const { catalog, report } = await ingestItems({ path: file, attributes }, { folder });
  return { values: catalog.attributes[0].values, report };
}

const jsonLine = (item: object): string => `${JSON.stringify({ item_id: "x", ...item })}\n`;

describe("categories", () => {
  it.each([
    [
      "a list of lists is paths",
      {
        c: [
          ["Home", "Kitchen"],
          ["Home", "Gifts"],
        ],
      },
      ["Home > Kitchen", "Home > Gifts"],
    ],
    ["a list with a list in it is both", { c: ["New", ["Home", "Kitchen"]] }, ["New", "Home > Kitchen"]],
    ["deeper lists are flattened to paths", { c: [[["A", "B"], ["C"]]] }, ["A > B", "C"]],
    ["a flat list with brackets in its texts stays", { c: ["Lamp [new]", "{x}"] }, ["Lamp [new]", "{x}"]],
    ["numbers and empty entries", { c: [[1, null], [], [""]] }, ["1"]],
    ["a list as text", { c: '["Home", "Kitchen"]' }, ["Home", "Kitchen"]],
    ["a list as Python writes it", { c: "['Home', \"Bob's\", None]" }, ["Home", "Bob's"]],
    ["a text in brackets that is no list", { c: "[Refurbished]" }, ["[Refurbished]"]],
  ])("%s", async (_, item, expected) => {
    expect((await categoriesOf("items.jsonl", jsonLine(item), "c")).values).toEqual([expected]);
  });

  it("a list in a cell of CSV is a list; with a separator the text is taken at its word", async () => {
    const csv = `item_id,c\nx,"[""A"", ""B""]"\ny,"['C']"\nz,[[\n`;
    expect((await categoriesOf("items.csv", csv, "c")).values).toEqual([["A", "B"], ["C"], ["[["]]);
    expect((await categoriesOf("items.csv", csv, "c", "|")).values[0]).toEqual(['["A", "B"]']);
  });

  it("an object is read as missing, counted, and the remedy is named", async () => {
    const lines = jsonLine({ brand: { name: "Acme" } });
    const { values, report } = await categoriesOf("items.jsonl", lines, "brand");
    expect(values).toEqual([[]]);
    expect(report.missingCells[0].reason).toContain('map one of its keys, as "brand.name"');
    expect(report.lostColumns).toMatchObject([{ column: "brand", kind: "category", cells: 1 }]);
  });

  it("a key of objects is reached by a dotted name, through lists too, in all formats", async () => {
    const lines = jsonLine({ brand: { name: "Acme" } });
    expect((await categoriesOf("items.jsonl", lines, "brand.name")).values).toEqual([["Acme"]]);
    const genres = jsonLine({ genres: [{ id: 1, name: "Drama" }, { name: "War" }, {}] });
    expect((await categoriesOf("items.jsonl", genres, "genres.name")).values).toEqual([["Drama", "War"]]);
    const csv = 'item_id,genres\nx,"[{""name"": ""Drama""}]"\n';
    expect((await categoriesOf("items.csv", csv, "genres.name")).values).toEqual([["Drama"]]);
    const literal = jsonLine({ "brand.name": "Own", brand: { name: "Acme" } });
    expect((await categoriesOf("items.jsonl", literal, "brand.name")).values).toEqual([["Own"]]);
  });

  it("a Parquet struct, map or list of lists follows the same rules", async () => {
    const folder = write({});
    await withDatabase(async (connection) => {
      const columns = `'x' AS item_id, [['Home', 'Kitchen']] AS paths, {'name': 'Acme'} AS brand, [{'name': 'War'}] AS genres`;
      await connection.run(`COPY (SELECT ${columns}) TO '${join(folder, "items.parquet")}'`);
    });
    const attributes = ["paths", "brand.name", "genres.name"].map((column) => ({ column, kind: "category" as const }));
    const { catalog } = await ingestItems({ path: "items.parquet", attributes }, { folder });
    expect(catalog.attributes.map(({ values }) => values[0])).toEqual([["Home > Kitchen"], ["Acme"], ["War"]]);
    const asId = ingestItems({ path: "items.parquet", columns: { id: "brand" } }, { folder });
    expect(await errorOf(asId)).toMatchObject({ code: "UNREADABLE_INPUT", message: expect.stringContaining("STRUCT") });
  });

  it("lists that are nested beyond measure are no categories, and no overflow", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(nestedCategories(deep)).toEqual({ paths: [], hasObjects: false });
  });
});

describe("texts", () => {
  it("read what is nested in its order, objects behind their keys", async () => {
    const item = { t: [["Oak", "table"]], d: { Weight: "9 kg", Sizes: ["S", "M"], Note: null } };
    const folder = write({ "items.jsonl": jsonLine(item) });
    const columns = { title: "t", description: "d" };
    const { catalog } = await ingestItems({ path: "items.jsonl", columns }, { folder });
    expect(catalog.titles).toEqual(["Oak, table"]);
    expect(catalog.descriptions).toEqual(["Weight: 9 kg, Sizes: S, M"]);
  });
});
