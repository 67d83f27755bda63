/** Whatever is in a cell comes back as it was. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ingest, ingestItems } from "../../../src/data/ingest/ingest.ts";
import { pairsOf, temporaryFiles } from "./ingest-files.ts";

const folder = temporaryFiles()({});

/** Texts with all that has ever broken a CSV reader. */
const piece = fc.oneof(
  fc.constantFrom(
    '"',
    '""',
    ",",
    ";",
    "\t",
    "|",
    "'",
    "\\",
    " ",
    "\n",
    "\r\n",
    "#",
    "007",
    "NULL",
    "9007199254740993",
    "é",
    "🦆",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 6 }),
);
const text = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(""));
// A lone carriage return or a NUL has no place in an id; a text of blanks alone reads as a blank line.
const id = text.filter((value) => !/\r(?!\n)|\0/.test(value) && value.trim() !== "");
const ids = fc.uniqueArray(id, { minLength: 2, maxLength: 12 });

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const sparing = (delimiter: string) => (cell: string) =>
  /["\r\n]/.test(cell) || cell.includes(delimiter) ? quoted(cell) : cell;

async function readIds(name: string, content: string): Promise<readonly string[]> {
  writeFileSync(join(folder, name), content);
  const { catalog, report } = await ingestItems({ path: name, columns: { title: "title" } }, { folder });
  expect(report.rejects).toEqual([]);
  return catalog.titles.map((title, i) => (title === catalog.ids[i] ? title : `title ${title} of ${catalog.ids[i]}`));
}

describe("ids and titles survive", () => {
  it.each([
    ["CSV, quoted where needed", "a.csv", ",", sparing(",")],
    ["CSV, all quoted", "b.csv", ",", quoted],
    ["TSV", "c.tsv", "\t", sparing("\t")],
    ["two colons", "d.csv", "::", quoted],
  ])("%s", async (_, name, delimiter, write) => {
    await fc.assert(
      fc.asyncProperty(ids, fc.constantFrom("\n", "\r\n"), async (values, end) => {
        const rows = [["item_id", "title"], ...values.map((value) => [value, value])];
        const content = rows.map((row) => row.map(write).join(delimiter) + end).join("");
        expect(await readIds(name, content)).toEqual(values);
      }),
      { numRuns: 40 },
    );
  });

  it("JSON lines", async () => {
    await fc.assert(
      fc.asyncProperty(ids, async (values) => {
        const content = values.map((value) => `${JSON.stringify({ item_id: value, title: value })}\n`).join("");
        expect(await readIds("d.jsonl", content)).toEqual(values);
      }),
      { numRuns: 40 },
    );
  });

  it("as users and items of interactions, in every pair", async () => {
    await fc.assert(
      fc.asyncProperty(ids, async (values) => {
        const rows = values.flatMap((user) => values.map((item) => `${quoted(user)},${quoted(item)}\n`));
        writeFileSync(
          join(folder, "items.csv"),
          `item_id,title\n${values.map((value) => `${quoted(value)},x\n`).join("")}`,
        );
        writeFileSync(join(folder, "events.csv"), `user_id,item_id\n${rows.join("")}`);
        const ingested = await ingest(
          { interactions: { path: "events.csv" }, items: { path: "items.csv" } },
          { folder },
        );
        expect(ingested.userIds).toEqual(values);
        expect(Object.keys(pairsOf(ingested)).length).toBe(values.length ** 2);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a damaged CSV", () => {
  it("accounts for every line: read, or rejected with its number", async () => {
    const good = fc.nat(9).map((n) => ({ text: `good,${n}`, bad: false }));
    const bad = fc
      .constantFrom("one", "a,b,c", '"open,1', '"x"y,1', 'a,"b" ', '"a\\"b",2', "a\rb,1")
      .map((text) => ({ text, bad: true }));
    const lines = fc.array(fc.oneof({ weight: 3, arbitrary: good }, bad), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lines, async (rows) => {
        // Ids tell their own line, so that a shift by one would show.
        const numbered = rows.map(({ text, bad }, i) => ({ text: bad ? text : `line${i + 2},${text.slice(5)}`, bad }));
        // Every quote that opens must find no partner further down.
        const opens = numbered.findIndex(({ text }) => text.startsWith('"open'));
        const kept = opens < 0 ? numbered : numbered.filter(({ text }, i) => i <= opens || !text.includes('"'));
        const renumbered = kept.map(({ text, bad }, i) => ({
          text: bad ? text : text.replace(/\d+/, String(i + 2)),
          bad,
        }));
        if (renumbered.every((row) => row.bad)) return;
        writeFileSync(join(folder, "e.csv"), ["item_id,title", ...renumbered.map((row) => row.text)].join("\n"));
        const options = { path: "e.csv", columns: { title: "title" }, maximumRejectedShare: 1 };
        const { catalog, report } = await ingestItems(options, { folder });
        const expectedBad = renumbered.flatMap((row, i) => (row.bad ? [i + 2] : []));
        const expectedGood = renumbered.flatMap((row, i) => (row.bad ? [] : [`line${i + 2}`]));
        expect(report.rejects.map(({ line }) => line)).toEqual(expectedBad);
        expect(catalog.ids).toEqual(expectedGood);
      }),
      { numRuns: 100 },
    );
  });
});
