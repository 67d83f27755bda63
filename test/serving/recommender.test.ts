/** The library face of a bundle: what every verb and a service answer with, from ids and values. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveBundle } from "../../src/bundle/bundle.ts";
import { parsePipeline } from "../../src/config.ts";
import { newItemFlags } from "../../src/data/recent-items.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { type ItemRecord, openRecommender, type Recommender, type RecommendRequest } from "../../src/index.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { openBundle } from "../../src/serving/bundle-session.ts";
import { similarVectors } from "../../src/serving/vectors/exported-vectors.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";

let folder: string;
let recommender: Recommender;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-recommender-"));
  const events = (await readFile(join(tiny, "events.csv"), "utf8")).trim().split("\n").slice(1);
  const users = [...new Set(events.map((line) => line.split(",")[0]))];
  const ages = users.map((user, u) => `${user},${20 + u}`);
  await writeFile(join(folder, "users.csv"), `user_id,age\n${ages.join("\n")}\n`);
  const part = `  users: { path: ${join(folder, "users.csv")}, attributes: [{ column: age, kind: number }] }`;
  const text = tinyPipeline(tiny, join(folder, "out"))
    .replace("  items:", "  items:\n    format: jsonl")
    .replace("features:", `${part}\nfeatures:`);
  await runPipeline(parsePipeline(text, "tiny.yaml"), {
    folder,
    cacheFolder: join(folder, "cache"),
    evaluate: false,
  });
  recommender = await openRecommender(join(folder, "out", "bundle"));
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Rows by falling value, ties by lower row. */
function ranked(values: readonly number[]): number[] {
  return values.map((_, row) => row).sort((a, b) => values[b] - values[a] || a - b);
}

function product(u: Float32Array, v: Float32Array): number {
  return u.reduce((sum, value, j) => sum + value * v[j], 0);
}

describe("similar", () => {
  it("lists items by the vectors by which they are compared: the cosine times the length of the listed one", async () => {
    const { catalog, model } = recommender.bundle;
    const vectors = model.similar?.vectors ?? model.embeddings.vectors;
    const own = rowOf(vectors, 2);
    const cosines = catalog.ids.map((_, row) => product(own, rowOf(vectors, row)) / Math.sqrt(product(own, own)));
    const expected = ranked(cosines).filter((row) => row !== 2);
    const { item, similar } = await recommender.similar({ item: catalog.ids[2], count: 5 });
    expect(item).toMatchObject({ id: catalog.ids[2], title: catalog.titles[2] });
    expect(similar.map(({ id }) => id)).toEqual(expected.slice(0, 5).map((row) => catalog.ids[row]));
    for (const [place, { score }] of similar.entries()) expect(score).toBeCloseTo(cosines[expected[place]], 5);
  });

  it("lists what the exported vectors list by the inner product", async () => {
    const { ids, vectors } = await similarVectors(recommender.bundle);
    const { similar } = await recommender.similar({ item: ids[2], count: 5 });
    const products = ids.map((_, row) => product(rowOf(vectors, 2), rowOf(vectors, row)));
    const expected = ranked(products).filter((row) => row !== 2);
    expect(similar.map(({ id }) => id)).toEqual(expected.slice(0, 5).map((row) => ids[row]));
  });

  it("compares by the served vectors in a bundle that has no others", async () => {
    const { similar: _, ...model } = recommender.bundle.model;
    await saveBundle(join(folder, "earlier"), { ...recommender.bundle, model });
    const earlier = await openBundle(join(folder, "earlier"));
    expect(earlier.bundle.model.similar).toBeUndefined();
    expect(earlier.similar()).toBe(earlier.index);
    expect(earlier.index.metric).toBe("cosine");
  });

  it("gives the list of content alone beside it", async () => {
    const { compare, before } = await recommender.similar({ item: "001", compare: "prior", count: 3 });
    expect(compare).toBe("prior");
    expect(before).toHaveLength(3);
  });

  it("refuses what it does not know, by its name", async () => {
    await expect(recommender.similar({ item: "0001" })).rejects.toMatchObject({ code: "UNKNOWN_ITEM" });
    const misspelt = { item: "001", cuont: 3 };
    await expect(recommender.similar(misspelt)).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining('did you mean "count"?'),
    });
  });
});

describe("recommend", () => {
  it("lists by the score of the user's vector at the bundle's own tail dial, without what the user has", async () => {
    const { bundle } = recommender;
    const { indptr, indices } = bundle.interactions;
    const seen = new Set(indices.subarray(indptr[0], indptr[1]));
    const { vectors } = bundle.model.embeddings;
    const user = rowOf(bundle.model.userVectors, 0);
    const scores = bundle.catalog.ids.map((_, row) => {
      const item = rowOf(vectors, row);
      return product(user, item) / Math.sqrt(product(item, item)) ** bundle.manifest.tailDefault;
    });
    const expected = ranked(scores).filter((row) => !seen.has(row));
    const answer = await recommender.recommend({ user: bundle.userIds[0], count: 4 });
    expect(answer).toMatchObject({ by: "hybrid", tail: bundle.manifest.tailDefault });
    expect(answer.recommended.map(({ id }) => id)).toEqual(expected.slice(0, 4).map((row) => bundle.catalog.ids[row]));
  });

  it("keeps a share of the places for new items, in the order of the same scores", async () => {
    const { bundle } = recommender;
    const flags = newItemFlags(bundle.interactions);
    const isNew = (id: string) => flags[bundle.catalog.ids.indexOf(id)] === 1;
    const idsOf = async (request: RecommendRequest) =>
      (await recommender.recommend(request)).recommended.map(({ id }) => id);
    for (const user of bundle.userIds) {
      const all = await idsOf({ user, count: 12 });
      const newest = all.filter(isNew);
      const listed = await idsOf({ user, count: 4, newPlaces: 0.5 });
      // The second and the fourth of four places; the rest as without.
      const expected: string[] = [];
      for (const [place, from] of [all, newest, all, newest].entries())
        expected[place] = [...from, ...all].find((id) => !expected.includes(id)) ?? "";
      expect(listed).toEqual(expected);
    }
    expect(bundle.catalog.ids.some(isNew)).toBe(true);
  });

  it("keeps them in a fallback's list too, in the order of the fallback", async () => {
    const { bundle } = recommender;
    const flags = newItemFlags(bundle.interactions);
    const idsOf = async (count: number, newPlaces: number) => {
      const request = { user: "nobody", fallback: "popularity", count, newPlaces } as const;
      return (await recommender.recommend(request)).recommended.map(({ id }) => id);
    };
    const all = await idsOf(12, 0);
    const newest = all.filter((id) => flags[bundle.catalog.ids.indexOf(id)] === 1);
    expect(newest.length).toBeGreaterThan(0);
    const listed = await idsOf(2, 0.5);
    expect(listed).toEqual([all[0], [...newest, ...all].find((id) => id !== all[0])]);
  });

  it("takes someone new by items, by attributes, or by both", async () => {
    for (const person of [{ items: ["001"] }, { userAttributes: { age: 31 } }]) {
      expect((await recommender.recommend({ ...person, count: 3 })).recommended).toHaveLength(3);
    }
    const both = await recommender.recommend({ items: ["001"], userAttributes: { age: "31" } });
    expect(both.recommended.map(({ id }) => id)).not.toContain("001");
  });

  it("names what is wrong in words that fit any face, not by a flag of the command line", async () => {
    const wrong: readonly RecommendRequest[] = [
      {},
      { user: recommender.bundle.userIds[0], items: ["001"] },
      { items: ["001"], fallback: "popularity" },
      { userAttributes: { agee: 31 } },
      { userAttributes: { age: "old" } },
    ];
    for (const request of wrong) {
      const failure = recommender.recommend(request);
      await expect(failure).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.not.stringMatching(/--/),
      });
    }
  });

  it("falls back for an unknown user only, by everybody or by the nearest group", async () => {
    for (const fallback of ["popularity", "popular-in-cluster"] as const) {
      const { by, tail, recommended } = await recommender.recommend({ user: "nobody", fallback, items: ["001"] });
      expect([by, tail]).toEqual([fallback, undefined]);
      expect(recommended.map(({ id }) => id)).not.toContain("001");
    }
    const [user] = recommender.bundle.userIds;
    expect(await recommender.recommend({ user, fallback: "popularity" })).toEqual(
      await recommender.recommend({ user }),
    );
  });

  it("says why a list is empty", async () => {
    const { ids } = recommender.bundle.catalog;
    const everything = await recommender.recommend({ items: ids });
    expect(everything).toMatchObject({
      recommended: [],
      reason: `every item of the catalog (${ids.length}) has been taken already`,
    });
    const support = recommender.bundle.model.embeddings.support;
    const taken = ids.filter((_, row) => support[row] > 0);
    const { reason } = await recommender.recommend({ user: "nobody", items: taken, fallback: "popularity" });
    expect(reason).toContain(`nobody took an item besides the ${taken.length} that are named`);
    expect(await recommender.recommend({ items: ["001"] })).not.toHaveProperty("reason");
  });
});

describe("embed", () => {
  const record: ItemRecord = {
    id: "n1",
    title: "Stoneware tea mug",
    description: "A stoneware mug for slow tea in the evening.",
    attributes: { brand: "Brindle & Co.", category: "mug", price: 18.5 },
  };

  it("gives values the vectors that a file of the same items gets, picture by path, by bytes or by data: address", async () => {
    const path = join(folder, "new.jsonl");
    const image = join(tiny, "images", "001.webp");
    const { id, attributes, ...texts } = record;
    await writeFile(path, `${JSON.stringify({ item_id: id, ...texts, ...attributes, image })}\n`);
    const file = await recommender.embed({ items: path, imageFolder: tiny });
    const bytes = new Uint8Array(await readFile(image));
    const address = `data:image/webp;base64,${Buffer.from(bytes).toString("base64")}`;
    for (const picture of [image, bytes, address]) {
      const given = await recommender.embed({ items: [{ ...record, image: picture }], imageFolder: tiny });
      expect(given).toEqual(file);
    }
    expect(file.items[0]).toMatchObject({ id: "n1", caveats: [], nearest: { id: "001" } });
  });

  it("says what each item lacks, and reads a number that is none as missing", async () => {
    const bare = { id: "n2", attributes: { brand: "Nobody", price: "twelve" } };
    const broken = { id: "n3", title: "A mug", image: Uint8Array.of(1, 2, 3) };
    const { items, unusable, vectors } = await recommender.embed({ items: [record, bare, broken], dimensions: 4 });
    expect(items[1].caveats).toEqual(expect.arrayContaining(["no text", "no picture", "unknown brand"]));
    expect(unusable).toMatchObject([{ item: "n3", block: "image", file: undefined }]);
    expect([vectors.rows, vectors.columns]).toEqual([3, 4]);
    expect(vectors.values.every(Number.isFinite)).toBe(true);
  });

  it("refuses a misspelt attribute, a repeated id, no items, and a path where no picture folder is named", async () => {
    const refused = (items: readonly ItemRecord[]) => recommender.embed({ items }).catch((error: unknown) => error);
    expect(await refused([{ id: "a", attributes: { brnd: "x" } }])).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining('did you mean "brand"?'),
    });
    expect(await refused([{ id: "a" }, { id: "a" }])).toMatchObject({ code: "DUPLICATE_ITEM" });
    expect(await refused([])).toMatchObject({ code: "EMPTY_INPUT" });
    expect(await refused([{ id: "a", image: "/etc/passwd" }])).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("reads a file whose name tells no format as it is told, else as the pipeline's", async () => {
    const path = join(folder, "items.txt");
    await writeFile(path, "item_id,title\nn1,Stoneware tea mug\n");
    expect((await recommender.embed({ items: path, format: "csv" })).items).toMatchObject([{ id: "n1" }]);
    await writeFile(path, '{"item_id":"n2","title":"Stoneware tea mug"}\n');
    expect((await recommender.embed({ items: path })).items).toMatchObject([{ id: "n2" }]);
  });
});

it("explains two items by their ids", async () => {
  const { items, explanation } = await recommender.explain("001", "002");
  expect(items.map(({ id }) => id)).toEqual(["001", "002"]);
  expect(explanation.sentence).toContain("same brand: Brindle & Co.");
  await expect(recommender.explain("001", "none")).rejects.toMatchObject({ code: "UNKNOWN_ITEM" });
});

it("once closed answers no more, and waits for what still runs", async () => {
  const other = await openRecommender(join(folder, "out", "bundle"));
  let answered = false;
  const running = other.recommend({ items: ["001"] }).then(() => {
    answered = true;
  });
  await other.close();
  expect(answered).toBe(true);
  await running;
  await expect(other.similar({ item: "001" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
