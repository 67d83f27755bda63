/** Lists for everybody: the same as asking one by one, in every format, explained, and whole or not at all. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { readColumns, withDatabase } from "../../src/data/ingest/tables/database.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { openRecommender, type Recommender, writeLists } from "../../src/index.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";
import { runHere } from "../documentation/commands.ts";

let folder: string;
let bundle: string;
let recommender: Recommender;

interface Line {
  readonly query?: string;
  readonly user?: string;
  readonly items: readonly { item: string; score: number; source: string; because?: string | null }[];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-lists-"));
  const config = parsePipeline(tinyPipeline(tiny, join(folder, "out")), "tiny.yaml");
  await runPipeline(config, { folder, cacheFolder: join(folder, "cache"), evaluate: false });
  bundle = join(folder, "out", "bundle");
  recommender = await openRecommender(bundle);
}, 60_000);

afterAll(async () => {
  await recommender.close();
  await rm(folder, { recursive: true, force: true });
});

const nothingMissed = { short: 0, filled: 0, notes: [] };

const linesOf = async (path: string) =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));

describe("lists", () => {
  it("hold for every item what `similar` says, and for every user what `recommend` says", async () => {
    const [similar, recommend] = [join(folder, "similar.jsonl"), join(folder, "recommended.jsonl")];
    const { catalog, userIds } = recommender.bundle;
    expect(await writeLists(bundle, { similar, recommend, count: 4 })).toEqual([
      { kind: "similar", file: similar, lists: catalog.ids.length, unknown: [], ...nothingMissed },
      { kind: "recommend", file: recommend, lists: userIds.length, unknown: [], ...nothingMissed },
    ]);
    const ofItems = await linesOf(similar);
    expect(ofItems.map(({ query }) => query)).toEqual(catalog.ids);
    for (const { query = "", items } of ofItems) {
      const asked = await recommender.similar({ item: query, count: 4 });
      expect(items.map(({ item, source }) => [item, source])).toEqual(
        asked.similar.map(({ id, source }) => [id, source]),
      );
      for (const [place, { score }] of asked.similar.entries()) expect(items[place].score).toBeCloseTo(score ?? 0, 5);
    }
    const ofUsers = await linesOf(recommend);
    expect(ofUsers.map(({ user }) => user)).toEqual(userIds);
    for (const { user, items } of ofUsers) {
      const { recommended } = await recommender.recommend({ user, count: 4 });
      expect(items.map(({ item }) => item)).toEqual(recommended.map(({ id }) => id));
    }
  });

  it("keep places for new items as `recommend` does", async () => {
    const recommend = join(folder, "new-places.jsonl");
    await writeLists(bundle, { recommend, count: 4, newPlaces: 0.25, tail: 0.3 });
    for (const { user, items } of await linesOf(recommend)) {
      const { recommended } = await recommender.recommend({ user, count: 4, newPlaces: 0.25, tail: 0.3 });
      expect(items.map(({ item }) => item)).toEqual(recommended.map(({ id }) => id));
    }
  });

  it("say of each recommendation which of the user's items it is nearest to", async () => {
    const recommend = join(folder, "explained.jsonl");
    await writeLists(bundle, { recommend, count: 3 });
    const { catalog, interactions, model } = recommender.bundle;
    const cosine = (a: number, b: number) => {
      const [u, v] = [rowOf(model.embeddings.vectors, a), rowOf(model.embeddings.vectors, b)];
      const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, d) => sum + value * y[d], 0);
      return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
    };
    for (const [user, { items }] of (await linesOf(recommend)).entries()) {
      const taken = [...interactions.indices.subarray(interactions.indptr[user], interactions.indptr[user + 1])];
      for (const { item, because } of items) {
        const row = catalog.ids.indexOf(item);
        const nearest = Math.max(...taken.map((other) => cosine(row, other)));
        expect(cosine(row, catalog.ids.indexOf(because ?? ""))).toBeCloseTo(nearest, 5);
      }
    }
  });

  it("are the same rows in CSV and Parquet, which `evaluate --scores` reads", async () => {
    const files = ["lists.jsonl", "lists.csv", "lists.parquet"].map((name) => join(folder, name));
    for (const recommend of files) await writeLists(bundle, { recommend, count: 3 });
    const expected = (await linesOf(files[0])).flatMap(({ user, items }) =>
      items.map(({ item, because, source }, place) => [user, item, place + 1, source, because]),
    );
    for (const file of files.slice(1)) {
      const columns = await withDatabase((connection) =>
        readColumns(connection, `SELECT "user", item, rank::INTEGER, source, because FROM '${file}'`),
      );
      expect(columns[0].map((_, row) => columns.map((column) => column[row]))).toEqual(expected);
    }
    await runHere(folder, ["split", await pipelineFile(), "--output", join(folder, "splits")]);
    const scores = `mine=${files[1]}`;
    const said = await runHere(folder, [
      "evaluate",
      "--split",
      join(folder, "splits", "warm-tail"),
      "--scores",
      scores,
    ]);
    expect(said).toContain("mine");
  });

  it("go to the asked ids alone; unknown ones are counted, and all unknown is an error", async () => {
    const similar = join(folder, "some.jsonl");
    const [written] = await writeLists(bundle, { similar, items: ["003", "nobody", "001", "003"] });
    expect(written).toMatchObject({ lists: 2, unknown: ["nobody"] });
    expect((await linesOf(similar)).map(({ query }) => query)).toEqual(["003", "001"]);
    await expect(writeLists(bundle, { similar, items: ["0001"] })).rejects.toMatchObject({ code: "UNKNOWN_ITEM" });
    await expect(writeLists(bundle, { recommend: similar, users: ["U0"] })).rejects.toMatchObject({
      code: "UNKNOWN_USER",
    });
  });

  it("are refused before any work where they have no file, no format, or one path", async () => {
    const [one, other] = [join(folder, "one.csv"), join(folder, "one.xlsx")];
    for (const request of [
      {},
      { similar: other },
      { similar: one, recommend: one },
      { similar: join(bundle, "x.csv") },
    ])
      await expect(writeLists(bundle, request)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const useless = [{ count: 0 }, { tail: 0.5 }, { newPlaces: 0.1 }, { users: ["u1"] }];
    for (const options of useless)
      await expect(writeLists(bundle, { similar: one, ...options })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(writeLists(bundle, { recommend: one, items: ["001"] })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
    });
  });

  it("never overwrite the file that the ids stand in", async () => {
    const ids = join(folder, "ids.csv");
    await writeFile(ids, "001\n003\n");
    const words = ["lists", "--bundle", bundle, "--similar", ids, "--items", ids];
    await expect(runHere(folder, words)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await readFile(ids, "utf8")).toBe("001\n003\n");
  });

  it("leave the earlier files, and nothing else, when they are cancelled in the middle", async () => {
    const inside = join(folder, "cancelled");
    const files = { similar: join(inside, "similar.csv"), recommend: join(inside, "recommended.csv") };
    await writeLists(bundle, files);
    const before = await Promise.all(Object.values(files).map((path) => readFile(path, "utf8")));
    const stop = new AbortController();
    const onProgress = ({ stage }: { readonly stage: string }) => stage === "recommendations" && stop.abort();
    await expect(writeLists(bundle, { ...files, count: 2 }, { signal: stop.signal, onProgress })).rejects.toMatchObject(
      { code: "INTERRUPTED" },
    );
    expect(await Promise.all(Object.values(files).map((path) => readFile(path, "utf8")))).toEqual(before);
    expect((await readdir(inside)).toSorted()).toEqual(["recommended.csv", "similar.csv"]);
  });
});

async function pipelineFile(): Promise<string> {
  const path = join(folder, "tiny.yaml");
  await writeFile(path, tinyPipeline(tiny, join(folder, "out")));
  return path;
}
