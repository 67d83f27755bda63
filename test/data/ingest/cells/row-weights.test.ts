/** What a row counts: whatever the unit of weights, and whatever the clock of a single row. */
import { describe, expect, it } from "vitest";
import { latestTime } from "../../../../src/data/ingest/cells/row-weights.ts";
import { describeDecay } from "../../../../src/data/ingest/rejects.ts";
import { createRandom } from "../../../../src/math/random.ts";
import { ingestFolder, TEN_ITEMS, temporaryFiles } from "../ingest-files.ts";

const write = temporaryFiles();
const DAY = 86_400;
const START = Date.UTC(2023, 10, 1) / 1000;

interface Row {
  readonly weight: number;
  readonly seconds: number;
}

/** 400 rows over 40 days, no pair twice within a user's ten items. */
function madeRows(): Row[] {
  const random = createRandom(4);
  return Array.from({ length: 400 }, (_, p) => ({
    weight: 1 + random.integer(5),
    seconds: START + Math.floor(p / 10) * DAY,
  }));
}

async function ingestRows(rows: readonly Row[], options: Readonly<Record<string, unknown>> = {}) {
  const lines = rows.map(
    ({ weight, seconds }, p) => `u${Math.floor(p / 10)},${"abcdefghij"[p % 10]},${weight},${seconds}`,
  );
  const folder = write({ "items.csv": TEN_ITEMS, "events.csv": ["user_id,item_id,w,t", ...lines].join("\n") });
  return ingestFolder(folder, { interactions: { columns: { weight: "w", time: "t" }, ...options } });
}

describe("the unit of weights", () => {
  it.each([1e-6, 1e-3, 0.01, 3, 1000, 1e9])(
    "does not matter: all weights times %d give the same interactions",
    async (unit) => {
      const rows = madeRows();
      const plain = await ingestRows(rows);
      const scaled = await ingestRows(rows.map((row) => ({ ...row, weight: row.weight * unit })));
      expect(scaled.interactions).toEqual(plain.interactions);
      expect(scaled.report.interactions?.weightUnit).toBeCloseTo(
        unit * (plain.report.interactions?.weightUnit ?? 0),
        12,
      );
    },
  );

  it("is the median row's weight, so that one outlier moves nothing else", async () => {
    const rows = madeRows();
    const plain = await ingestRows(rows);
    const heavy = await ingestRows(rows.with(7, { ...rows[7], weight: 1e30 }));
    for (const [p, value] of plain.interactions.values.entries()) {
      if (p !== 7) expect(heavy.interactions.values[p]).toBe(value);
    }
    expect(Number.isFinite(heavy.interactions.values[7])).toBe(true);
    expect(heavy.report.outliers).toMatchObject([{ line: 9, reason: expect.stringContaining("a million times") }]);
    expect(plain.report.outliers).toEqual([]);
  });

  it("of event names does not matter either", async () => {
    const events = Array.from(
      { length: 40 },
      (_, p) => `u${p % 4},${"abcdefghij"[p % 10]},${p % 5 === 0 ? "buy" : "view"}`,
    );
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": ["user_id,item_id,e", ...events].join("\n") });
    const at = (unit: number) =>
      ingestFolder(folder, { interactions: { columns: { event: "e" }, eventWeights: { view: unit, buy: 4 * unit } } });
    expect((await at(1e-4)).interactions).toEqual((await at(1)).interactions);
  });

  it("is 1 where no row has a weight, and repeated pairs still add up", async () => {
    const folder = write({ "items.csv": TEN_ITEMS, "events.csv": "user_id,item_id\nu,a\nu,a\nv,b\n" });
    const { interactions, report } = await ingestFolder(folder);
    expect([...interactions.values]).toEqual([2, 1]);
    expect(report.interactions?.weightUnit).toBe(1);
  });
});

describe("decay", () => {
  const halfLifeDays = 30;

  it("counts age from the latest time of the data", async () => {
    const rows = madeRows().map((row) => ({ ...row, weight: 1 }));
    const { interactions, report } = await ingestRows(rows, { halfLifeDays });
    const latest = START + 39 * DAY;
    for (const p of [0, 200, 399]) {
      expect(interactions.values[p]).toBeCloseTo(0.5 ** ((latest - rows[p].seconds) / (30 * DAY)), 6);
    }
    expect(report.outliers).toEqual([]);
  });

  it.each([
    ["in 2028, once", [13], Date.UTC(2028, 0, 1) / 1000],
    ["in 2100, twenty times", Array.from({ length: 20 }, (_, i) => 19 * i), Date.UTC(2100, 0, 1) / 1000],
    ["four months ahead", [13], START + 160 * DAY],
    ["in the year 4000", [13], Date.UTC(4000, 11, 31) / 1000],
  ])(
    "is not counted from rows dated %s: the others weigh what they did, and the rows are named",
    async (_, places, seconds) => {
      const rows = madeRows();
      const plain = await ingestRows(rows, { halfLifeDays });
      const dated = rows.map((row, p) => (places.includes(p) ? { ...row, seconds } : row));
      const { interactions, report } = await ingestRows(dated, { halfLifeDays });
      for (const [p, value] of plain.interactions.values.entries()) {
        if (!places.includes(p)) expect(interactions.values[p]).toBe(value);
      }
      expect(report.outliers.map(({ line }) => line)).toEqual(places.map((p) => p + 2));
      expect(report.outliers[0].reason).toContain("2023-12-10");
      expect(report.summary.map(({ count }) => count)).toEqual([places.length]);
      expect(report.interactions?.rejected).toBe(0);
    },
  );

  it("follows the data where more than a row in twenty is late", async () => {
    const late = START + 400 * DAY;
    const rows = madeRows().map((row, p) => (p % 19 === 0 ? { ...row, seconds: late } : row));
    const { interactions, report } = await ingestRows(rows, { halfLifeDays });
    expect(report.outliers).toEqual([]);
    expect(interactions.values[1]).toBeLessThan(0.01);
    const { decay } = report.interactions ?? {};
    expect(decay && describeDecay(decay)).toContain("check halfLifeDays and the latest times");
  });

  it("takes the earliest of several gaps, and none that is shorter", () => {
    expect(latestTime([100, 50, 9, 8, 7], 10)).toBe(9);
    expect(latestTime([19, 9, 8], 10)).toBe(19);
    expect(latestTime([5], 1)).toBe(5);
  });
});
