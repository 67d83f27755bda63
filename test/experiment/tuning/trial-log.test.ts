import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTrialLog, type TrialRecord } from "../../../src/experiment/tuning/trial-log.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-trials-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const record = (trial: number): TrialRecord => ({
  trial,
  level: 1,
  values: { "collaborative.rank": 8 + trial, "regressor.kind": "ridge" },
  known: 0.1 + 0.2 / (trial + 1),
  launched: 1 / 3,
  objective: 0.1 + 0.2,
  seconds: 1.25,
});

async function logWith(name: string, count: number): Promise<string> {
  const path = join(folder, name, "trials.jsonl");
  const log = await openTrialLog(path, "digest");
  for (let trial = 0; trial < count; trial++) await log.append(record(trial));
  return path;
}

describe("a trials file", () => {
  it("gives back every trial to the last bit, and grows", async () => {
    const path = await logWith("whole", 3);
    const log = await openTrialLog(path, "digest");
    expect(log.records).toEqual([0, 1, 2].map(record));
    await log.append({ ...record(3), failed: "too few" });
    expect((await openTrialLog(path, "digest")).records[3]).toEqual({ ...record(3), failed: "too few" });
  });

  it("torn in its last line loses that trial alone, wherever it was torn", async () => {
    const path = await logWith("torn", 3);
    const text = await readFile(path, "utf8");
    const lastLine = text.trimEnd().lastIndexOf("\n") + 1;
    for (const cut of [lastLine, lastLine + 1, lastLine + 30, text.length - 1]) {
      await writeFile(path, text.slice(0, cut));
      const log = await openTrialLog(path, "digest");
      expect(log.records).toEqual([0, 1].map(record));
      await log.append(record(2));
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });

  it("of another search, or none at all, is refused and left as it was", async () => {
    const path = await logWith("other", 1);
    const before = await readFile(path, "utf8");
    await expect(openTrialLog(path, "another digest")).rejects.toThrow("it is of another search");
    expect(await readFile(path, "utf8")).toBe(before);
    const prose = join(folder, "prose.jsonl");
    await writeFile(prose, "hello\n");
    await expect(openTrialLog(prose, "digest")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await readFile(prose, "utf8")).toBe("hello\n");
    await appendFile(path, '{"trial":-1}\n');
    await expect(openTrialLog(path, "digest")).rejects.toThrow("line 3 is not a trial");
  });

  it("that cannot be written is OUTPUT_FAILED", async () => {
    await writeFile(join(folder, "file"), "");
    const path = join(folder, "file", "trials.jsonl");
    await expect(openTrialLog(path, "digest")).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
  });
});
