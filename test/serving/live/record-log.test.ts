import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { logLine, readRecordLog } from "../../../src/data/ingest/service-log/record-lines.ts";
import { openRecordLog } from "../../../src/serving/live/record-log.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-log-"));
  path = join(folder, "sub", "events.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function written(records: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  const { log } = await openRecordLog(path);
  await Promise.all(records.map((record) => log.append([record])));
  await log.close();
}

const three = [{ id: "a", user: "ü" }, { id: "b", text: 'quote " and \n line' }, {}];

describe("the log", () => {
  it("gives back what was appended, in order, as JSON lines that anybody reads", async () => {
    await written(three);
    const { records, cut, log } = await openRecordLog(path);
    await log.close();
    expect({ records, cut }).toEqual({ records: three, cut: 0 });
    const lines = (await readFile(path, "utf8")).trim().split("\n");
    expect(lines.map((line) => ({ ...JSON.parse(line), crc: undefined }))).toEqual(
      three.map((record) => ({ ...record, crc: undefined })),
    );
  });

  it("cuts a tail torn at any byte, and keeps all before it", async () => {
    await written(three);
    const { size } = await stat(path);
    const whole = await readFile(path);
    const begins = [0, logLine(three[0]).length + 1, 0];
    // "ü" takes two bytes.
    begins[2] = begins[1] + logLine(three[1]).length;
    for (let length = 0; length < size; length++) {
      await writeFile(path, whole);
      await truncate(path, length);
      const { records, cut, log } = await openRecordLog(path);
      await log.append([{ id: "next" }]);
      await log.close();
      const kept = begins.slice(1).filter((begin) => begin <= length).length;
      expect({ length, count: records.length }).toEqual({ length, count: kept });
      expect(cut).toBe(length - begins[kept]);
      expect(await readRecordLog(path)).toEqual([...three.slice(0, kept), { id: "next" }]);
    }
  });

  it("refuses a turned bit before sound records, and names the line", async () => {
    await written(three);
    const bytes = await readFile(path);
    bytes[5] ^= 1;
    await writeFile(path, bytes);
    await expect(openRecordLog(path)).rejects.toMatchObject({
      code: "UNREADABLE_INPUT",
      message: expect.stringContaining("line 1"),
    });
  });

  it("takes a line without a checksum for damage, even when it is JSON", async () => {
    await written(three);
    await appendFile(path, '{"id":"forged"}\n');
    const { records, cut, log } = await openRecordLog(path);
    await log.close();
    expect(records).toEqual(three);
    expect(cut).toBe(16);
  });

  it("rewrites without some records, and goes on", async () => {
    const { log } = await openRecordLog(path);
    await log.append(three);
    expect(await log.rewrite(({ id }) => id !== "b")).toBe(1);
    expect(await log.rewrite(() => true)).toBe(0);
    await log.append([{ id: "c" }]);
    await log.close();
    expect(await readRecordLog(path)).toEqual([three[0], {}, { id: "c" }]);
  });
});
