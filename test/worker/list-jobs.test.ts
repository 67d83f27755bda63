/** Lists by workers are those that `tailrec lists` writes; unknown owners stand alone. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPipeline } from "../../src/config.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { type BundleSession, openBundle } from "../../src/serving/bundle-session.ts";
import { writeLists } from "../../src/serving/lists/nightly-lists.ts";
import { exportedVectors } from "../../src/serving/vectors/exported-vectors.ts";
import { openLists } from "../../src/worker/jobs/lists.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";
import { arrowBytes, work } from "./arrow-bytes.ts";

interface Line {
  readonly user?: string;
  readonly query?: string;
  readonly items: readonly { readonly item: string; readonly score: number; readonly source: string }[];
}

let folder: string;
let session: BundleSession;
let users: readonly Line[];
let similar: readonly Line[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-"));
  await writeFile(join(folder, "tiny.yaml"), tinyPipeline(tiny, join(folder, "out")));
  const pipeline = await loadPipeline(join(folder, "tiny.yaml"));
  const { bundleFolder } = await runPipeline(pipeline.config, { folder: pipeline.folder, evaluate: false });
  session = await openBundle(bundleFolder);
  const [recommend, alike] = [join(folder, "users.jsonl"), join(folder, "similar.jsonl")];
  await writeLists(bundleFolder, { recommend, similar: alike, count: 4 });
  const lines = async (path: string) =>
    (await readFile(path, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  [users, similar] = [await lines(recommend), await lines(alike)];
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the job lists", () => {
  it.each(["user", "item"] as const)(
    "gives a known %s the list that `tailrec lists` writes, in any batches",
    async (by) => {
      const lines = by === "user" ? users : similar;
      const owners = lines.map(({ user, query }) => user ?? query ?? "").toReversed();
      const job = await openLists({ session, by, count: 4 }, {});
      for (const batch of [4096, 3]) {
        const { rows } = await work(job, arrowBytes({ [by]: { type: "text", cells: owners } }, [1]), batch);
        expect(rows.map((row) => row[by])).toEqual(owners);
        for (const [i, row] of rows.entries()) {
          const line = lines[lines.length - 1 - i];
          expect(row.items).toEqual(line.items.map(({ item }) => item));
          expect(row.sources).toEqual(line.items.map(({ source }) => source));
          expect((row.scores as number[]).map(Math.fround)).toEqual(line.items.map(({ score }) => Math.fround(score)));
        }
      }
    },
  );

  it("sets unknown and missing owners aside", async () => {
    const job = await openLists({ session, by: "user", count: 4 }, {});
    const cells = ["u1", null, "nobody", "u1"];
    const { rows, counts } = await work(job, arrowBytes({ user: { type: "text", cells } }));
    expect(counts).toEqual({ rows: 4, quarantined: 2 });
    expect(rows.map(({ quarantine }) => quarantine)).toEqual([null, "missing user", "unknown user", null]);
    expect(rows[3]).toEqual(rows[0]);
  });

  it("ranks items for exported vectors without the excluded ones", async () => {
    const { users: table } = await exportedVectors(session.bundle);
    const taken = session.bundle.userIds.map((_, row) => {
      const { indices, indptr } = session.bundle.interactions;
      return Array.from(indices.subarray(indptr[row], indptr[row + 1]), (item) => session.bundle.catalog.ids[item]);
    });
    const bad = {
      ids: ["short", "nan", "none"],
      vectors: [[1], Array.from(rowOf(table.vectors, 0), () => Number.NaN), null],
    };
    const job = await openLists({ session, by: "vector", count: 4 }, {});
    const vectors = [...table.ids.map((_, row) => Array.from(rowOf(table.vectors, row))), ...bad.vectors];
    const { rows } = await work(
      job,
      arrowBytes({
        id: { type: "text", cells: [...table.ids, ...bad.ids] },
        vector: { type: "floats", cells: vectors },
        exclude: { type: "texts", cells: [...taken.map((list) => [...list, "unheard of"]), [], [], []] },
      }),
    );
    for (const [i, { items }] of users.entries()) expect(rows[i].items).toEqual(items.map(({ item }) => item));
    expect(rows.slice(users.length).map(({ quarantine }) => quarantine)).toEqual([
      expect.stringContaining("a vector of 1 numbers"),
      "a vector that is not finite",
      "missing vector",
    ]);
  });
});
