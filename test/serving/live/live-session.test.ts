/** A bundle with what happens while it is served: against folds of the whole history, and after its log is opened again. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBundle } from "../../../src/bundle/bundle.ts";
import { runPipeline } from "../../../src/experiment/pipeline.ts";
import { openRecommender, type Recommender } from "../../../src/index.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { updateBundle } from "../../../src/serving/update/bundle-update.ts";
import { tinyExperiment } from "../../helpers/tiny-experiment.ts";
import { makeTinyBundle, type TinyBundle } from "../../service/tiny-bundle.ts";

let tiny: TinyBundle;
beforeAll(async () => {
  tiny = await makeTinyBundle();
}, 60_000);
afterAll(() => tiny.remove());

let count = 0;
async function opened(
  folder = `log-${count++}`,
  keptDays?: number,
): Promise<Recommender & Required<Pick<Recommender, "live">>> {
  const recommender = await openRecommender(tiny.bundle, {}, { folder: join(tiny.folder, folder), keptDays });
  const { live } = recommender;
  if (live === undefined) throw new Error("expected a log");
  return { ...recommender, live };
}

const view = (user: string, item: string, id?: string) => ({ user, item, event: "view" as const, id });

describe("events", () => {
  it("of a stranger make lists as for someone with these items, the latest last", async () => {
    const recommender = await opened();
    const { ids } = recommender.bundle.catalog;
    // The event that counts what an item of a described person counts: one.
    const weights = { view: 1, cart: 2, purchase: 4 } as const;
    const unit = recommender.bundle.upkeep?.weightUnit;
    const event = (["view", "cart", "purchase"] as const).find((kind) => weights[kind] === unit) ?? "view";
    const events = [ids[3], ids[8]].map((item, i) => ({
      user: "s1",
      item,
      event,
      time: `2026-01-0${i + 1}T00:00:00Z`,
    }));
    await recommender.live.count(events);
    await recommender.live.settled();
    const { recommended } = await recommender.recommend({ user: "s1", count: 5 });
    const expected = await recommender.recommend({ items: [ids[3], ids[8]], count: 5 });
    expect(recommended.map(({ id }) => id)).toEqual(expected.recommended.map(({ id }) => id));
    await recommender.close();
  });

  it("of a known user change the next list, which leaves out what they took", async () => {
    const recommender = await opened();
    const user = recommender.bundle.userIds[0];
    const before = await recommender.recommend({ user, count: 3 });
    const taken = before.recommended[0].id;
    await recommender.live.count([{ user, item: taken, event: "purchase" }]);
    const after = await recommender.recommend({ user, count: 3 });
    expect(after.recommended.map(({ id }) => id)).not.toContain(taken);
    expect(after.recommended.map(({ score }) => score)).not.toEqual(before.recommended.map(({ score }) => score));
    await recommender.close();
  });

  it("count once, whatever the number of times they are sent", async () => {
    const recommender = await opened();
    const { ids } = recommender.bundle.catalog;
    const event = view("s1", ids[0], "e1");
    const answers = await Promise.all([recommender.live.count([event, event]), recommender.live.count([event])]);
    answers.push(await recommender.live.count([event]));
    expect(answers.map(({ accepted }) => accepted)).toEqual([1, 0, 0]);
    expect(answers.map(({ repeated }) => repeated)).toEqual([1, 1, 1]);
    await recommender.close();
  });

  it("name items that nobody knows, refuse times to come, and dismissals leave every list", async () => {
    const recommender = await opened();
    const user = recommender.bundle.userIds[1];
    expect((await recommender.live.count([view("s1", "gone")])).unknownItems).toEqual(["gone"]);
    const future = { ...view("s1", "gone"), time: "2999-01-01T00:00:00Z" };
    await expect(recommender.live.count([future])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const [{ id }] = (await recommender.recommend({ user, count: 1 })).recommended;
    await recommender.live.count([{ user, item: id, event: "dismissal" }]);
    expect((await recommender.recommend({ user, count: 100 })).recommended.map((item) => item.id)).not.toContain(id);
    await recommender.close();
  });

  it("are lines that a run reads as interactions", async () => {
    const recommender = await opened("readable");
    await recommender.live.count([view("s1", recommender.bundle.catalog.ids[0], "e1")]);
    await recommender.close();
    const [line] = (await readFile(join(tiny.folder, "readable", "events.jsonl"), "utf8")).trim().split("\n");
    expect(JSON.parse(line)).toMatchObject({
      user: "s1",
      item: recommender.bundle.catalog.ids[0],
      event: "view",
      time: expect.stringMatching(/Z$/),
    });
  });
});

describe("items", () => {
  const content = { title: "Stoneware bowl with blue glaze", description: "A bowl.", attributes: { brand: "new" } };

  it("are listed at once, with the vector that embed gives", async () => {
    const recommender = await opened();
    const { vectors } = await recommender.embed({ items: [{ id: "n1", ...content }] });
    await recommender.live.putItem("n1", content);
    const { bundle, index } = recommender.live.current();
    const row = recommender.live.current().itemRow("n1");
    expect(row).toBe(recommender.bundle.catalog.ids.length);
    expect(index.vectors.rows).toBe(row + 1);
    expect(bundle.catalog.titles[row]).toBe(content.title);
    expect(vectors.columns).toBe(index.vectors.columns);
    const nearest = (await recommender.similar({ item: "n1", count: 1 })).similar[0].id;
    expect((await recommender.similar({ item: nearest, count: 100 })).similar.map(({ id }) => id)).toContain("n1");
    expect((await recommender.explain("n1", nearest)).items[0].title).toBe(content.title);
    await recommender.close();
  });

  it("move with their first clicks, towards what those who clicked like", async () => {
    const recommender = await opened();
    await recommender.live.putItem("n1", content);
    const row = recommender.live.current().itemRow("n1");
    const vectorOf = () => rowOf(recommender.live.current().index.vectors, row).slice();
    const before = vectorOf();
    const user = recommender.bundle.userIds[4];
    await recommender.live.count([{ user, item: "n1", event: "purchase" }]);
    await recommender.live.settled();
    const after = vectorOf();
    const taste = rowOf(recommender.bundle.model.userVectors, 4);
    const score = (vector: Float32Array) => vector.reduce((sum, value, d) => sum + value * taste[d], 0);
    expect(score(after)).toBeGreaterThan(score(before));
    const listed = (await recommender.similar({ item: "n1" })).item;
    expect(listed).toMatchObject({ support: 1, source: "blend" });
    expect(listed.uncertainty).toBeLessThan(1.0001);
    await recommender.close();
  });

  it("leave every list when they are taken out or sold out, and come back", async () => {
    const recommender = await opened();
    const { ids } = recommender.bundle.catalog;
    const near = async () => (await recommender.similar({ item: ids[0], count: 100 })).similar.map(({ id }) => id);
    const popular = async () =>
      (await recommender.recommendOrPopular({ user: "x", count: 100 })).list.map(({ id }) => id);
    await recommender.live.setAvailable(ids[1], false);
    expect(await near()).not.toContain(ids[1]);
    expect(await popular()).not.toContain(ids[1]);
    expect((await recommender.similar({ item: ids[1] })).similar.length).toBeGreaterThan(0);
    await recommender.live.setAvailable(ids[1], true);
    expect(await near()).toContain(ids[1]);
    await recommender.live.removeItem(ids[1]);
    expect(await near()).not.toContain(ids[1]);
    await expect(recommender.similar({ item: ids[1] })).rejects.toMatchObject({ code: "UNKNOWN_ITEM" });
    await recommender.close();
  });

  it("that were deleted are said to be", async () => {
    const { bundle, live, close } = await opened();
    await live.removeItem(bundle.catalog.ids[5]);
    await expect(live.removeItem(bundle.catalog.ids[5])).rejects.toThrow("was deleted");
    await close();
  });

  it("that cannot be embedded are refused and leave no line", async () => {
    const recommender = await opened("refused");
    const odd = { title: "x", attributes: { colour: "red" } };
    await expect(recommender.live.putItem("n2", odd)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await recommender.close();
    expect(await readFile(join(tiny.folder, "refused", "items.jsonl"), "utf8")).toBe("");
  });
});

describe("a log that is opened again", () => {
  it("gives the same lists and vectors", async () => {
    const first = await opened("again");
    const { ids } = first.bundle.catalog;
    await first.live.putItem("n1", { title: "Oak table" });
    await first.live.count([view("s1", ids[2], "e1"), view("s2", "n1", "e2"), view("s1", "n1", "e3")]);
    await first.live.removeItem(ids[5]);
    await first.live.settled();
    const lists = async ({ recommend, similar }: Recommender) => [
      (await recommend({ user: "s1", count: 20 })).recommended.map(({ id }) => id),
      (await similar({ item: "n1", count: 20 })).similar.map(({ id }) => id),
    ];
    const before = await lists(first);
    await first.close();
    const second = await opened("again");
    expect(await lists(second)).toEqual(before);
    expect((await second.live.count([view("s1", ids[2], "e1")])).repeated).toBe(1);
    await second.close();
  });

  it("knows nothing more of a user who was erased", async () => {
    const first = await opened("erased");
    const { ids } = first.bundle.catalog;
    await first.live.count([view("s1", ids[2]), view("s2", ids[2]), { ...view("s1", ids[3]), event: "impression" }]);
    expect(await first.live.forget("s1")).toBe(2);
    await expect(first.recommend({ user: "s1" })).rejects.toMatchObject({ code: "UNKNOWN_USER" });
    await first.close();
    for (const name of ["events.jsonl", "exposures.jsonl"]) {
      expect(await readFile(join(tiny.folder, "erased", name), "utf8")).not.toContain("s1");
    }
    const second = await opened("erased");
    expect((await second.recommend({ user: "s2" })).recommended.length).toBeGreaterThan(0);
    await second.close();
  });
});

describe("a user of the bundle who is erased", () => {
  it("is a stranger to the service, to the updated bundle, and to the next run", async () => {
    const first = await opened("forgotten");
    const [user, other] = first.bundle.userIds;
    const items = first.bundle.catalog.ids;
    await first.live.forget(user);
    await expect(first.recommend({ user })).rejects.toMatchObject({ code: "UNKNOWN_USER" });
    expect((await first.recommend({ user: other })).recommended).not.toHaveLength(0);
    await first.close();
    const log = join(tiny.folder, "forgotten");
    expect(await readFile(join(log, "erased.jsonl"), "utf8")).not.toContain(`"${user}"`);

    const again = await opened("forgotten");
    await expect(again.recommend({ user })).rejects.toMatchObject({ code: "UNKNOWN_USER" });
    await again.live.count([view(user, items[0]), view(other, items[1])]);
    expect((await again.recommend({ user, count: 3 })).recommended).toHaveLength(3);
    await again.close();

    const { bundle } = await updateBundle(await loadBundle(tiny.bundle), { log });
    expect(bundle.userIds).toContain("erased-0");
    expect(bundle.userIds.indexOf(user)).toBe(bundle.userIds.length - 1);

    const config = tinyExperiment(join(tiny.folder, "forgotten-run"), "{}");
    const next = { ...config, data: { ...config.data, log } };
    const { bundleFolder, ingestReport } = await runPipeline(next, { folder: tiny.folder, evaluate: false });
    expect(ingestReport.interactions?.ofErasedUsers).toBeGreaterThan(0);
    const { userIds, interactions } = await loadBundle(bundleFolder);
    const row = userIds.indexOf(user);
    expect(interactions.indptr[row + 1] - interactions.indptr[row]).toBe(1);
    const after = await openRecommender(bundleFolder, {}, { folder: log });
    expect(after.live?.current().findUser(user)).toBe(row);
    await after.close();
  });
});

describe("the next run", () => {
  it("reads the log as it is: items that came and went, and every event once", async () => {
    const before = await opened("next");
    const { ids } = before.bundle.catalog;
    await before.live.putItem("n1", { title: "Oak table", attributes: { brand: "Oakmoor" } });
    await before.live.removeItem(ids[5]);
    await before.live.count([view("s1", "n1"), view("s1", ids[2]), view("s2", ids[5])]);
    await before.close();
    const config = tinyExperiment(join(tiny.folder, "next-run"), "{}");
    const log = join(tiny.folder, "next");
    const next = { ...config, data: { ...config.data, log } };
    const { bundleFolder, ingestReport } = await runPipeline(next, { folder: tiny.folder, evaluate: false });
    expect(ingestReport.log).toMatchObject({ newItems: 1, deletedItems: 1, rows: 3, rejected: 0 });
    const after = await openRecommender(bundleFolder, {}, { folder: log });
    const { catalog, userIds, interactions } = after.bundle;
    expect(catalog.ids).toEqual([...ids.filter((id) => id !== ids[5]), "n1"]);
    const row = userIds.indexOf("s1");
    expect(interactions.indptr[row + 1] - interactions.indptr[row]).toBe(2);
    expect((await after.recommend({ user: "s1", count: 5 })).recommended.map(({ id }) => id)).not.toContain("n1");
    // What the bundle was trained on is not done again over it.
    const support = after.live?.current().bundle.model.embeddings.support[catalog.ids.indexOf("n1")];
    expect(support).toBe(1);
    await after.close();
  });
});

describe("events older than they are kept", () => {
  const ago = (days: number) => new Date(Date.now() - 86_400_000 * days).toISOString();

  it("leave the log, the lists and the items that they moved, while the service runs and when it starts", async () => {
    const kept = await opened("kept", 10);
    const [item, other] = kept.bundle.catalog.ids;
    const vector = () => {
      const { catalog, model } = kept.live.current().bundle;
      return Array.from(rowOf(model.embeddings.vectors, catalog.ids.indexOf("n1")));
    };
    await kept.live.putItem("n1", { title: "Oak table" });
    const before = vector();
    await kept.live.count([
      { ...view("s1", "n1"), time: ago(9.999_99) },
      { ...view("s2", item), time: ago(12) },
      { ...view("s3", other), time: ago(2) },
    ]);
    await kept.live.settled();
    expect(vector()).not.toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await kept.live.dropOld()).toBe(2);
    await kept.live.settled();
    expect(vector().map((x) => x.toFixed(4))).toEqual(before.map((x) => x.toFixed(4)));
    await expect(kept.recommend({ user: "s1" })).rejects.toMatchObject({ code: "UNKNOWN_USER" });
    expect((await kept.recommend({ user: "s3" })).recommended).not.toHaveLength(0);
    const lines = (await readFile(join(tiny.folder, "kept", "events.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).user)).toEqual(["s3"]);
    await kept.close();
    const later = await opened("kept", 1);
    await expect(later.recommend({ user: "s3" })).rejects.toMatchObject({ code: "UNKNOWN_USER" });
    expect(await readFile(join(tiny.folder, "kept", "events.jsonl"), "utf8")).toBe("");
    await later.close();
  });
});
