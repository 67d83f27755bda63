/** An update of a bundle: what it adds, what it leaves alone, and what it refuses. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, loadBundle, saveBundle } from "../../src/bundle/bundle.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { foldInUser } from "../../src/hybrid/fold-in-user.ts";
import { embedNewItems } from "../../src/hybrid/new-items.ts";
import { MIXTURE } from "../../src/hybrid/similar/similar-settings.ts";
import { rowOf, zeros } from "../../src/math/matrix.ts";
import { updateBundle } from "../../src/serving/update/bundle-update.ts";
import { updateBundleFolder } from "../../src/serving/update/update-outputs.ts";
import { updateItems } from "../../src/serving/update/updated-items.ts";
import { similarVectors } from "../../src/serving/vectors/exported-vectors.ts";
import { describeItemsFrom } from "../../src/serving/vectors/new-items.ts";
import { distance, largestDifference } from "../helpers/comparisons.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

const tiny = join(import.meta.dirname, "..", "..", "fixtures", "tiny");
const newItem = {
  id: "new-1",
  title: "Stoneware coffee mug",
  description: "A stoneware mug for strong coffee.",
  attributes: { brand: "Brindle & Co.", category: "mug" },
};
let base: string;
let folder: string;
let bundle: Bundle;
/** One that compares items by everything, who took both among it. */
let mixed: Bundle;

async function fileOf(name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(base, name);
  await writeFile(path, `user_id,item_id,event,timestamp\n${lines.map((line) => `${line}\n`).join("")}`);
  return path;
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-update-"));
  const config = tinyExperiment(join(base, "out"), "{}");
  folder = (await runPipeline(config, { folder: base, evaluate: false })).bundleFolder;
  bundle = await loadBundle(folder);
  const embeddings = { ...config.embeddings, similar: MIXTURE };
  const other = { ...config, embeddings, output: join(base, "mixed") };
  mixed = await loadBundle((await runPipeline(other, { folder: base, evaluate: false })).bundleFolder);
});

afterAll(() => rm(base, { recursive: true, force: true }));

describe("an update", () => {
  it("gives a new item the vector that embedding gives it, and leaves every other vector as it was", async () => {
    const { bundle: after, counts } = await updateBundle(bundle, { items: [newItem] });
    const { features } = await describeItemsFrom(bundle, { items: [newItem] }, {});
    const [row, known] = [bundle.catalog.ids.length, bundle.model.embeddings.vectors.values.length];
    const { vectors, source, support } = after.model.embeddings;
    const expected = (await embedNewItems(bundle.model, features)).vectors.values;
    expect(largestDifference(rowOf(vectors, row), expected)).toBeLessThan(1e-5);
    expect(vectors.values.subarray(0, known)).toEqual(bundle.model.embeddings.vectors.values);
    expect([after.catalog.ids[row], source[row], support[row]]).toEqual(["new-1", "content", 0]);
    expect(counts).toEqual({ pairs: 0, newItems: 1, changedItems: 0, deletedItems: 0, newUsers: 0, changedUsers: 0 });
  });

  it("folds a new user in as serving folds in whoever took the same items", async () => {
    const interactions = await fileOf("one.csv", "newcomer,001,view,2025-06-01T08:00:00Z");
    const { bundle: after } = await updateBundle(bundle, { interactions });
    const row = after.userIds.indexOf("newcomer");
    expect(row).toBe(bundle.userIds.length);
    const expected = await foldInUser(after.model, [0]);
    const { indptr, values } = after.interactions;
    expect(indptr[row + 1] - indptr[row]).toBe(1);
    // The fold-in counts an interaction as 1, which is what a row of the median weight counts: a view.
    expect(values[indptr[row]]).toBe(1);
    expect(largestDifference(rowOf(after.model.userVectors, row), expected)).toBeLessThan(1e-5);
  });

  it("merges a repeated pair by the pipeline's rule, and counts weights in the unit of the last run", async () => {
    const before = confidenceOf(bundle, "u1", "001") ?? Number.NaN;
    const interactions = await fileOf("again.csv", "u1,001,purchase,2025-06-01T08:00:00Z");
    const { bundle: after } = await updateBundle(bundle, { interactions });
    expect(confidenceOf(after, "u1", "001")).toBeCloseTo(before + 4 / (bundle.upkeep?.weightUnit ?? Number.NaN), 5);
  });

  it("moves an item towards whom took it, and no item that nobody touched", async () => {
    const lines = ["u1", "u2", "u3", "u4"].map((user) => `${user},010,purchase,2025-06-01T08:00:00Z`);
    const interactions = await fileOf("taken.csv", ...lines);
    const { bundle: after, counts } = await updateBundle(bundle, { interactions });
    const [taken, untouched] = [bundle.catalog.ids.indexOf("010"), bundle.catalog.ids.indexOf("001")];
    const vectorsOf = ({ model }: Bundle, row: number) => rowOf(model.embeddings.vectors, row);
    expect(after.model.embeddings.support[taken]).toBeGreaterThan(bundle.model.embeddings.support[taken]);
    expect(largestDifference(vectorsOf(after, taken), vectorsOf(bundle, taken))).toBeGreaterThan(1e-3);
    expect(vectorsOf(after, untouched)).toEqual(vectorsOf(bundle, untouched));
    expect(counts.changedUsers).toBe(4);
  });

  it("moves the vectors by which items are compared of what it changes alone, twice in a row", async () => {
    const lines = ["u1", "u2"].map((user) => `${user},010,purchase,2025-06-01T08:00:00Z`);
    const interactions = await fileOf("compared.csv", ...lines);
    const { bundle: first } = await updateBundle(mixed, { interactions, items: [newItem] });
    await saveBundle(join(base, "compared"), first);
    const again = await fileOf("compared-again.csv", "u3,010,view,2025-06-02T08:00:00Z");
    const { bundle: second } = await updateBundle(await loadBundle(join(base, "compared")), { interactions: again });
    const vectors = [mixed, first, second].map(({ model }) => model.similar?.vectors);
    const [before, between, after] = vectors.map((matrix) => matrix ?? bundle.model.embeddings.vectors);
    for (const [row, id] of bundle.catalog.ids.entries()) {
      const moved = [
        largestDifference(rowOf(between, row), rowOf(before, row)),
        largestDifference(rowOf(after, row), rowOf(between, row)),
      ];
      if (id === "010") expect(Math.min(...moved)).toBeGreaterThan(1e-4);
      else expect(Math.max(...moved)).toBeLessThan(1e-6);
    }
  });

  it("lays an item that others take alike nearer to theirs, by who took both", async () => {
    const known = mixed;
    const [a, b] = [known.catalog.ids.indexOf("001"), known.catalog.ids.indexOf("010")];
    const { indptr, indices } = known.interactions;
    const takers = known.userIds.filter((_, u) => indices.subarray(indptr[u], indptr[u + 1]).includes(a));
    const lines = takers.map((user) => `${user},010,purchase,2025-06-01T08:00:00Z`);
    const { bundle: after } = await updateBundle(known, { interactions: await fileOf("alike.csv", ...lines) });
    const likeness = ({ model }: Bundle) => {
      const { vectors, behaviour } = model.similar ?? { vectors: model.embeddings.vectors, behaviour: 0 };
      const [x, y] = [rowOf(vectors, a).subarray(0, behaviour), rowOf(vectors, b).subarray(0, behaviour)];
      const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, value, d) => sum + value * q[d], 0);
      return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    };
    expect(takers.length).toBeGreaterThan(1);
    expect(likeness(after)).toBeGreaterThan(likeness(known) + 0.05);
  });

  it("turns the vectors by which items are compared to where they lay, where a bundle keeps too little of them", async () => {
    if (mixed.model.similar === undefined) throw new Error("expected vectors to compare by");
    const { coOccurrenceLengths: _, ...similar } = mixed.model.similar;
    const earlier = { ...mixed, model: { ...mixed.model, similar } };
    const interactions = await fileOf("again-and-again.csv", "u2,004,view,2025-06-01T08:00:00Z");
    const { bundle: after } = await updateBundle(earlier, { interactions });
    const [before, now] = [(await similarVectors(earlier)).vectors, (await similarVectors(after)).vectors];
    const worked = after.model.similar?.vectors.values ?? now.values;
    expect(distance(now.values, before.values)).toBeLessThan(0.9 * distance(worked, before.values));
    await saveBundle(join(base, "turned"), after);
    expect((await similarVectors(await loadBundle(join(base, "turned")))).vectors).toEqual(now);
  });

  it("by the same interactions in two parts holds the same interactions as by all at once", async () => {
    const [first, second] = ["a,001,view,2025-06-01T08:00:00Z", "b,002,cart,2025-06-02T08:00:00Z"];
    const once = await updateBundle(bundle, { interactions: await fileOf("both.csv", first, second) });
    const half = await updateBundle(bundle, { interactions: await fileOf("first.csv", first) });
    const twice = await updateBundle(half.bundle, { interactions: await fileOf("second.csv", second) });
    expect(twice.bundle.interactions).toEqual(once.bundle.interactions);
    expect(twice.bundle.userIds).toEqual(once.bundle.userIds);
    expect(twice.bundle.upkeep?.updates).toHaveLength(2);
  });

  it("says how much the last full run has not seen, by all updates since together", async () => {
    const pairs = bundle.interactions.indices.length;
    expect((await updateBundle(bundle, { items: [newItem] })).drift).toBe(0);
    const half = await updateBundle(bundle, { interactions: await fileOf("drift-1.csv", "d1,001,view,2025-06-01") });
    expect(half.drift).toBeCloseTo(1 / (pairs + 1), 10);
    const interactions = await fileOf("drift-2.csv", "d1,002,view,2025-06-02", "d2,002,view,2025-06-02");
    expect((await updateBundle(half.bundle, { interactions })).drift).toBeCloseTo(3 / (pairs + 3), 10);
  });

  it("comes back from the disk and can be updated again", async () => {
    const { bundle: after } = await updateBundle(bundle, { items: [newItem] });
    await saveBundle(join(base, "again"), after);
    const loaded = await loadBundle(join(base, "again"));
    expect(loaded.upkeep).toEqual(after.upkeep);
    expect(loaded.model.itemSolve).toEqual(after.model.itemSolve);
    const changed = { ...newItem, title: "Porcelain tea pot" };
    const { counts, bundle: third } = await updateBundle(loaded, { items: [changed] });
    expect(counts).toMatchObject({ newItems: 0, changedItems: 1 });
    expect(third.catalog.titles.at(-1)).toBe("Porcelain tea pot");
  });
});

function confidenceOf({ catalog, userIds, interactions }: Bundle, user: string, item: string): number | undefined {
  const { indptr, indices, values } = interactions;
  const row = userIds.indexOf(user);
  for (let p = indptr[row]; p < indptr[row + 1]; p++) if (catalog.ids[indices[p]] === item) return values[p];
  return undefined;
}

describe("updated items", () => {
  it("have changed where only their sparse row has", () => {
    const [catalog, values] = [{ ...bundle.catalog, ids: ["a", "b"] }, zeros(2, 0)];
    const featuresOf = (...indices: readonly number[]) => ({
      values,
      presence: zeros(2, 1),
      blocks: [],
      sparse: {
        rows: 2,
        columns: 4,
        indptr: Uint32Array.of(0, 1, indices.length),
        indices: Uint32Array.from(indices),
        values: new Float32Array(indices.length).fill(1),
      },
    });
    const before = { catalog, features: featuresOf(0, 1, 2) };
    const changedTo = (...indices: readonly number[]) =>
      updateItems(before, { catalog, features: featuresOf(...indices) }).changed;
    expect([changedTo(0, 1, 2), changedTo(0, 1, 3), changedTo(0, 1)]).toEqual([[], [1], [1]]);
  });
});

describe("an update refuses", () => {
  const refusal = (update: Promise<unknown>) =>
    update.then(
      () => "no error",
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );

  it("a bundle of an earlier version, which keeps too little", async () => {
    const { upkeep, ...earlier } = bundle;
    expect(upkeep).toBeDefined();
    expect(await refusal(updateBundle(earlier, { items: [newItem] }))).toMatch(/^INVALID_ARGUMENT: .*tailrec run$/);
  });

  it("interactions that are in the bundle already", async () => {
    const interactions = await fileOf("twice.csv", "u1,001,view,2025-06-01T08:00:00Z");
    const { bundle: after } = await updateBundle(bundle, { interactions });
    expect(await refusal(updateBundle(after, { interactions }))).toMatch(
      /^INVALID_ARGUMENT: .*already \(update 1 of 1/,
    );
  });

  it("the interactions that the bundle was made of, with times and without", async () => {
    const whole = join(tiny, "events.csv");
    expect(await refusal(updateBundle(bundle, { interactions: whole }))).toMatch(
      /^INVALID_ARGUMENT: .*the bundle was made of/,
    );
    const [heading, ...lines] = (await readFile(whole, "utf8")).trimEnd().split("\n");
    const most = join(base, "most.csv");
    await writeFile(most, [heading, ...lines.slice(1), "u1,010,view,2026-01-01T00:00:00Z", ""].join("\n"));
    expect(await refusal(updateBundle(bundle, { interactions: most }))).toMatch(
      /^INVALID_ARGUMENT: \d+ of \d+ user-item pairs are in the bundle already/,
    );
    const { times: _, ...timeless } = bundle.interactions;
    const columns = { ...bundle.manifest.config.data.interactions.columns, time: null };
    const config = {
      ...bundle.manifest.config,
      data: { ...bundle.manifest.config.data, interactions: { ...bundle.manifest.config.data.interactions, columns } },
    };
    const other = { ...bundle, interactions: timeless, manifest: { ...bundle.manifest, config } };
    expect(await refusal(updateBundle(other, { interactions: whole }))).toMatch(/the bundle was made of/);
  });

  it("no interactions of which a few come again, and counts these", async () => {
    const heading = (await readFile(join(tiny, "events.csv"), "utf8")).split("\n").slice(0, 2);
    const [, first] = heading;
    const lines = [first, "u1,010,view,2026-01-01T00:00:00Z", "u2,010,view,2026-01-01T00:00:00Z"];
    const interactions = await fileOf("overlap.csv", ...lines);
    expect((await updateBundle(bundle, { interactions })).repeated).toBe(1);
    const { notes } = await updateBundleFolder(folder, { interactions, out: join(base, "overlap") });
    expect(notes).toEqual([expect.stringMatching(/^1 user-item pairs are in the bundle/)]);
  });

  it("items of which the bundle knows nothing, with every file as it was", async () => {
    const interactions = await fileOf("foreign.csv", "u1,elsewhere,view,2025-06-01T08:00:00Z");
    const manifest = await readFile(join(folder, "manifest.json"));
    expect(await refusal(updateBundleFolder(folder, { interactions }))).toMatch(/^TOO_MANY_REJECTS: .*unknown item/);
    expect(await readFile(join(folder, "manifest.json"))).toEqual(manifest);
  });

  it("a users file where the pipeline names none, a column that is gone, and nothing at all", async () => {
    const users = await fileOf("users.csv", "u1,001,view,2025-06-01T08:00:00Z");
    expect(await refusal(updateBundle(bundle, { users }))).toMatch(/^INVALID_ARGUMENT: .*data\.users/);
    const items = join(base, "renamed.csv");
    await writeFile(items, "item_id,name\n100,Mug\n");
    expect(await refusal(updateBundle(bundle, { items }))).toMatch(/^UNKNOWN_COLUMN/);
    expect(await refusal(updateBundle(bundle, {}))).toMatch(/^INVALID_ARGUMENT: .*received none/);
  });
});

describe("from folder to folder", () => {
  it("keeps rejects beside the updated bundle and leaves the earlier one", async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `v${i},001,view,2025-06-01T08:00:00Z`);
    const interactions = await fileOf("most.csv", ...lines, "v1,nowhere,view,2025-06-01T08:00:00Z");
    const before = await readFile(join(folder, "manifest.json"));
    const out = join(base, "next", "bundle");
    const answer = await updateBundleFolder(folder, { interactions, out });
    expect(answer).toMatchObject({ pairs: 30, newUsers: 30, rejected: 1 });
    expect(await readFile(join(base, "next", "update-rejects.jsonl"), "utf8")).toMatch(/unknown item/);
    expect(await readFile(join(folder, "manifest.json"))).toEqual(before);
    expect((await loadBundle(out)).userIds).toHaveLength(bundle.userIds.length + 30);
  });

  it("gives the same bytes for the same update", async () => {
    const items = join(base, "items.jsonl");
    await copyFile(join(tiny, "items.jsonl"), items);
    const [first, second] = [join(base, "x", "bundle"), join(base, "y", "bundle")];
    for (const out of [first, second]) await updateBundleFolder(folder, { items, out });
    for (const name of ["manifest.json", "upkeep.json"]) {
      expect(await readFile(join(first, name))).toEqual(await readFile(join(second, name)));
    }
  });
});
