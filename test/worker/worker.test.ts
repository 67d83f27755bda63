/** What comes in is judged, what goes out is whole: streams without rows, of other columns, cut short, or no streams at all. */
import { describe, expect, it } from "vitest";
import { TailrecError } from "../../src/errors.ts";
import type { OpenedJob } from "../../src/worker/job.ts";
import { arrowBytes, rowsIn, work } from "./arrow-bytes.ts";

const texts = (count: number) => Array.from({ length: count }, (_, i) => `row ${i}`);
const rowsOf = (cells: readonly (string | null)[]) => arrowBytes({ id: { type: "text", cells } });

/** Gives ids back, and fails on the batch that has a poisoned one. */
function job(seen: number[] = []): OpenedJob {
  return {
    needs: ["id"],
    columns: [{ name: "id", type: "text" }],
    run: async (rows) => {
      seen.push(rows.rows);
      const ids = Array.from({ length: rows.rows }, (_, row) => rows.text("id", row));
      if (ids.includes("poison")) throw new Error("this batch is poisoned");
      if (ids.includes("disk full")) throw new TailrecError("OUTPUT_FAILED", "the disk is full");
      return ids.map((id) => ({ id }));
    },
    close: async () => undefined,
  };
}

describe("a worker", () => {
  it("never works on more rows together than it may, whatever a batch holds", async () => {
    const seen: number[] = [];
    const { rows } = await work(job(seen), rowsOf(texts(1000)), 64);
    expect(Math.max(...seen)).toBe(64);
    expect(rows.map(({ id }) => id)).toEqual(texts(1000));
  });

  it("sets a row aside that makes its batch fail, and no other", async () => {
    const ids = texts(100).map((id, i) => (i === 37 || i === 90 ? "poison" : id));
    const { rows, counts } = await work(job(), rowsOf(ids));
    expect(counts).toEqual({ rows: 100, quarantined: 2 });
    for (const [i, row] of rows.entries()) {
      const isPoison = i === 37 || i === 90;
      expect(row).toEqual({
        id: isPoison ? null : ids[i],
        quarantine: isPoison ? "INTERNAL: this batch is poisoned" : null,
      });
    }
  });

  it("ends on a fault that is no row's", async () => {
    await expect(work(job(), rowsOf(["a", "disk full"]))).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
  });

  it("answers a stream without a batch, and no byte at all, by a stream without a row", async () => {
    for (const input of [rowsOf([]), new Uint8Array()]) {
      const { bytes, counts } = await work(job(), input);
      expect(counts.rows).toBe(0);
      expect(rowsIn(bytes)).toEqual([]);
      expect(bytes.length).toBeGreaterThan(0);
    }
  });

  it("names the column that is missing, and the nearest that is there", async () => {
    const input = arrowBytes({ ids: { type: "text", cells: ["a"] } });
    await expect(work(job(), input)).rejects.toMatchObject({
      code: "UNKNOWN_COLUMN",
      message: 'standard input: expected a column "id"; did you mean "ids"?',
    });
  });

  it("refuses what is no Arrow stream, however short", async () => {
    for (const text of ["a,b\n", "item_id,title\n1,a mug\n", "x", `{"id": "${"a".repeat(1000)}"}\n`]) {
      await expect(work(job(), Buffer.from(text)), text).rejects.toMatchObject({ code: "UNREADABLE_INPUT" });
    }
  });

  it("refuses a stream that was cut, at whatever byte", async () => {
    const whole = arrowBytes({ id: { type: "text", cells: texts(9) } }, [3, 6]);
    for (let length = 1; length < whole.length; length++) {
      const cut = work(job(), whole.subarray(0, length));
      await expect(cut, `${length} bytes`).rejects.toMatchObject({ code: "UNREADABLE_INPUT" });
    }
  });
});
