/** Times as people's files write them: one form a column, never guessed without a word. */
import { describe, expect, it } from "vitest";
import type { IngestOptions } from "../../../../src/data/ingest/ingest-options.ts";
import { errorOf, ingestFolder, TEN_ITEMS, temporaryFiles } from "../ingest-files.ts";

const write = temporaryFiles();
const NOVEMBER_14 = Date.UTC(2023, 10, 14) / 1000;

type Changes = Partial<IngestOptions["interactions"]>;

async function read(cells: readonly string[], changes: Changes = {}) {
  const rows = cells.map((cell, i) => `u${i},${"abcdefghij"[i % 10]},"${cell}"\n`).join("");
  const folder = write({ "items.csv": TEN_ITEMS, "events.csv": `user_id,item_id,t\n${rows}` });
  return ingestFolder(folder, { interactions: { columns: { time: "t" }, ...changes } });
}

async function secondsOf(cells: readonly string[], changes: Changes = {}): Promise<number[]> {
  const { interactions } = await read(cells, changes);
  return [...(interactions.times ?? [])];
}

describe("a column of times", () => {
  it.each([
    ["compact days", "20231114", "20231115", 0],
    ["compact days that pandas made floats", "20231114.0", "20231115.0", 0],
    ["compact minutes", "202311140930", "202311150930", 9.5 * 3600],
    ["compact seconds", "20231114093005", "20231115093005", 9.5 * 3600 + 5],
    ["compact hours", "2023111409", "2023111509", 9 * 3600],
    ["days of a spreadsheet", "45244", "45245", 0],
    ["days of a spreadsheet with a time", "45244.5", "45245.5", 12 * 3600],
    ["epoch seconds", String(NOVEMBER_14), String(NOVEMBER_14 + 86_400), 0],
    ["epoch milliseconds", String(NOVEMBER_14 * 1e3), String((NOVEMBER_14 + 86_400) * 1e3), 0],
    ["epoch microseconds", String(NOVEMBER_14 * 1e6), String((NOVEMBER_14 + 86_400) * 1e6), 0],
    ["epoch nanoseconds", String(NOVEMBER_14 * 1e9), String((NOVEMBER_14 + 86_400) * 1e9), 0],
    ["ISO dates", "2023-11-14", "2023-11-15", 0],
    ["ISO dates with blanks around", " 2023-11-14 ", " 2023-11-15", 0],
    ["dates with slashes", "2023/11/14", "2023/11/15", 0],
    ["dates with an offset", "2023-11-14T02:00:00+02:00", "2023-11-15T02:00:00+02:00", 0],
  ])("of %s is read as dates", async (_, first, second, offset) => {
    expect(await secondsOf([first, second])).toEqual([NOVEMBER_14 + offset, NOVEMBER_14 + 86_400 + offset]);
  });

  it("of months or years is read as their first days", async () => {
    expect(await secondsOf(["202311", "202401"])).toEqual([Date.UTC(2023, 10) / 1000, Date.UTC(2024, 0) / 1000]);
    expect(await secondsOf(["2023", "2024"])).toEqual([Date.UTC(2023, 0) / 1000, Date.UTC(2024, 0) / 1000]);
  });

  it("keeps numbers that only order, even where one of them looks like a day", async () => {
    expect(await secondsOf(["0", "7", "20231114"])).toEqual([0, 7, 20_231_114]);
    const { report } = await read(["3", "4"]);
    expect(report.interactions?.times).toEqual({ form: "order", first: 3, last: 4 });
  });

  it("is not made of numbers by chance: the 99th of November is an order number like the others", async () => {
    const { report } = await read(["20231198", "20231199", "20231200", "20231114"]);
    expect(report.interactions?.times?.form).toBe("order");
  });

  it("rejects a cell of another form, and says which are accepted", async () => {
    const cells = [
      ...Array.from({ length: 19 }, (_, i) => `202311${String(i + 10)}`),
      "20231399",
      "14.11.2023",
      "12-11-20",
    ];
    const { report } = await read(cells);
    expect(report.rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [21, "unparsable time"],
      [22, "unparsable time"],
      [23, "unparsable time"],
    ]);
    expect(report.summary[0].accepted).toContain("timeFormat");
  });

  it("says how it was read, from when to when", async () => {
    const { report } = await read(["20231114", "20231130"]);
    const times = { form: "compact-dates", first: NOVEMBER_14, last: NOVEMBER_14 + 16 * 86_400 };
    expect(report.interactions?.times).toEqual(times);
  });
});

describe("timeFormat", () => {
  it.each([
    ["%d.%m.%Y", "14.11.2023", NOVEMBER_14],
    ["%m/%d/%Y %H:%M", "11/14/2023 09:30", NOVEMBER_14 + 9.5 * 3600],
    ["%b %d, %Y", "Nov 14, 2023", NOVEMBER_14],
    ["epoch-days", "19675", NOVEMBER_14],
    ["epoch-seconds", "20231114", 20_231_114],
    ["epoch-milliseconds", "20231114", 20_231.114],
    ["order", "20231114", 20_231_114],
    ["dates", "2023-11-14", NOVEMBER_14],
  ])("%s reads %s", async (timeFormat, cell, seconds) => {
    expect(await secondsOf([cell, cell], { timeFormat })).toEqual([seconds, seconds]);
  });

  it("refuses a pattern that is none, and a word that is no form", async () => {
    expect(await errorOf(read(["1", "2"], { timeFormat: "%Q" }))).toMatchObject({ code: "INVALID_OPTIONS" });
    const error = await errorOf(read(["1", "2"], { timeFormat: "seconds" }));
    expect(error.message).toContain('such as "%d.%m.%Y"');
  });
});

describe("halfLifeDays", () => {
  it("decays over compact days and days of a spreadsheet as over epoch seconds", async () => {
    const weightsOf = async (cells: readonly string[]): Promise<number[]> => [
      ...(await read(cells, { columns: { time: "t" }, halfLifeDays: 7 })).interactions.values,
    ];
    const expected = [0.25, 0.5, 1];
    expect(await weightsOf(["20231101", "20231108", "20231115"])).toEqual(expected);
    expect(await weightsOf(["45231", "45238", "45245"])).toEqual(expected);
    expect(await weightsOf(["1698796800", "1699401600", "1700006400"])).toEqual(expected);
  });

  it("is refused where numbers are no dates that can be told, naming the column and the remedy", async () => {
    const error = await errorOf(read(["19675", "19676"], { columns: { time: "t" }, halfLifeDays: 7 }));
    expect(error.code).toBe("INVALID_OPTIONS");
    expect(error.message).toMatch(/"t" are no dates that can be told; set timeFormat .*or leave halfLifeDays out/);
    const days = await read(["19668", "19675"], { timeFormat: "epoch-days", columns: { time: "t" }, halfLifeDays: 7 });
    expect([...days.interactions.values]).toEqual([0.5, 1]);
  });
});
