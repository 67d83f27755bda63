import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTogether } from "../../../src/data/files/atomic-write.ts";
import { readListFile } from "../../../src/data/files/list-file.ts";
import { createInteractions, type Interactions } from "../../../src/data/interactions.ts";
import { type Split, splitColdItems, splitWarmTail } from "../../../src/data/splits/split.ts";
import { readSplit, splitFiles } from "../../../src/data/splits/split-files.ts";
import { createRandom } from "../../../src/math/random.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "split-"));
});
afterAll(() => rm(folder, { recursive: true }));

const itemIds = ['say "hi"', "0042", "a,b", "tab\there", "é", "six", "seven", "eight"];
const userIds = Array.from({ length: 9 }, (_, u) => `user ${u}`);
const random = createRandom(4);
const draw = (n: number) => Array.from({ length: 50 }, () => random.integer(n));
const whole = createInteractions(9, 8, {
  users: draw(9),
  items: draw(8),
  values: draw(4).map((value) => (value + 1) / 3),
  times: draw(1e9).map((time) => time + 0.25),
});

function named(
  { rows, indptr, indices, values, times }: Interactions,
  users: readonly string[],
  items: readonly string[],
) {
  return Array.from({ length: rows }, (_, u) =>
    Array.from(indices.subarray(indptr[u], indptr[u + 1]), (item, i) => {
      return [users[u], items[item], values[indptr[u] + i], times?.[indptr[u] + i]].join("|");
    }),
  )
    .flat()
    .sort();
}

async function written(name: string, split: Split): Promise<string> {
  const path = join(folder, name);
  await writeTogether(splitFiles(path, { dataset: "small", fingerprint: "f", split, userIds, itemIds }));
  return path;
}

describe("a split as files", () => {
  it.each([
    ["cold", splitColdItems(whole, { share: 0.3 })],
    ["warm", splitWarmTail(whole)],
  ])("gives back the %s split: ids, weights to the bit, times, and every item that competes", async (name, split) => {
    const saved = await readSplit(await written(name, split));
    expect(saved.itemIds).toEqual(itemIds);
    for (const side of ["train", "test"] as const) {
      expect(named(saved[side], saved.userIds, saved.itemIds)).toEqual(named(split[side], userIds, itemIds));
    }
    expect(saved.manifest).toMatchObject({
      dataset: "small",
      fingerprint: "f",
      split: { kind: split.description.kind, seed: 1 },
    });
  });

  it("refuses a file that is not as it was written, and a folder without a manifest", async () => {
    const path = await written("altered", splitWarmTail(whole));
    const test = await readFile(join(path, "test.tsv"), "utf8");
    await writeFile(join(path, "test.tsv"), `${test}user 1\tsix\t1\t\n`);
    await expect(readSplit(path)).rejects.toMatchObject({ code: "UNREADABLE_INPUT", message: /test\.tsv.*sha256/ });
    await expect(readSplit(join(folder, "nowhere"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});

describe("lists from a file", () => {
  const read = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return readListFile(path, { column: "user", ids: ["u", "v"] }, ["a", "b", "c"]);
  };
  const rowsOf = ({ lists }: Awaited<ReturnType<typeof read>>) =>
    [0, 1].map((u) => Array.from(lists.indices.subarray(lists.indptr[u], lists.indptr[u + 1]), (i) => "abc"[i]));

  it("keeps the order of scores and of ranks, and ties", async () => {
    const scored = await read(
      "scores.tsv",
      "user\titem\tscore\nu\ta\t-3\nu\tb\t1e9\nu\tc\t1000000000.5\nv\ta\t2\nv\tb\t2\n",
    );
    expect(rowsOf(scored)).toEqual([
      ["a", "b", "c"],
      ["a", "b"],
    ]);
    expect([...scored.lists.values]).toEqual([1, 2, 3, 1, 1]);
    const ranked = await read("ranks.csv", "user,item,rank\nu,a,2\nu,b,1\nv,c,1\n");
    expect([...ranked.lists.values]).toEqual([1, 2, 1]);
    const both = await read("both.csv", "user,item,rank,score\nu,a,1,.2\nu,b,2,.9\n");
    expect([...both.lists.values]).toEqual([2, 1]);
  });

  it("counts rows that name somebody or something else", async () => {
    const list = await read("others.csv", "user,item,score\nu,a,1\nw,a,1\nv,z,1\n");
    expect(list).toMatchObject({ rows: 3, unknownUsers: 1, unknownItems: 1 });
  });

  it.each([
    ["neither score nor rank", "user,item\nu,a\n", "UNKNOWN_COLUMN", /"score".*"rank"/],
    [
      "a value that is no number",
      "user,item,score\nu,a,1\nu,b,high\n",
      "UNREADABLE_INPUT",
      /line 3: .*received "high"/,
    ],
    [
      "an item listed twice",
      "user,item,score\nu,a,1\nu,a,2\n",
      "UNREADABLE_INPUT",
      /line 3: user u lists item a twice/,
    ],
    ["a broken row", "user,item,score\nu,a,1\nu,b\n", "UNREADABLE_INPUT", /line 3/],
    ["nobody known", "user,item,score\nx,a,1\n", "NOT_ENOUGH_DATA", /none of 1 rows/],
  ])("refuses %s", async (name, text, code, message) => {
    await expect(read(`${name}.csv`, text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
