/** A service's log as input of an update, against files that say the same. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, loadBundle, saveBundle } from "../../src/bundle/bundle.ts";
import { featureRow } from "../../src/data/feature-matrix.ts";
import { openRecommender } from "../../src/index.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { updateBundle } from "../../src/serving/update/bundle-update.ts";
import { updateBundleFolder } from "../../src/serving/update/update-outputs.ts";
import { makeTinyBundle, type TinyBundle } from "../service/tiny-bundle.ts";

let tiny: TinyBundle;
let bundle: Bundle;
let log: string;

const item = { title: "Walnut table", description: "A table of walnut.", image: null, attributes: { brand: "new" } };
const events = [
  { user: "s1", item: "n1", event: "purchase", time: "2026-03-01T08:00:00.000Z" },
  { user: "s1", item: "002", event: "view", time: "2026-03-01T09:00:00.000Z" },
] as const;

beforeAll(async () => {
  tiny = await makeTinyBundle();
  bundle = await loadBundle(tiny.bundle);
  log = join(tiny.folder, "log");
  const { live, ...recommender } = await openRecommender(tiny.bundle, {}, { folder: log });
  if (live === undefined) throw new Error("expected a log");
  await live.putItem("n1", { ...item, title: "Table" });
  await live.putItem("n1", item);
  await live.putItem("n2", item);
  await live.removeItem("n2");
  await live.setAvailable("002", false);
  await live.count([...events]);
  await live.count([
    { user: "s1", item: "003", event: "dismissal" },
    { user: "s2", item: "003", event: "impression" },
    { user: "s3", item: "003", event: "view", time: "2001-01-01T00:00:00Z" },
  ]);
  await recommender.close();
}, 60_000);

afterAll(() => tiny.remove());

/** Every pair by its ids, with weight and time. */
function entriesOf({ userIds, catalog, interactions }: Bundle): string[] {
  const { indptr, indices, values, times } = interactions;
  return userIds.flatMap((user, row) =>
    Array.from(indices.subarray(indptr[row], indptr[row + 1]), (column, n) => {
      const at = indptr[row] + n;
      return `${user} ${catalog.ids[column]} ${values[at]} ${times?.[at]}`;
    }),
  );
}

describe("an update by a service's log", () => {
  it("is that by files of its items as they came to be, and of the events that the bundle has not seen", async () => {
    const interactions = join(tiny.folder, "events.csv");
    const lines = events.map(({ user, item: id, event, time }) => `${user},${id},${event},${time}`);
    await writeFile(interactions, `user_id,item_id,event,timestamp\n${lines.join("\n")}\n`);
    const byFiles = await updateBundle(bundle, { interactions, items: [{ id: "n1", ...item }] });
    const byLog = await updateBundle(bundle, { log });
    expect(byLog.counts).toEqual(byFiles.counts);
    expect(byLog.counts).toMatchObject({ newItems: 1, newUsers: 1, pairs: 2 });
    expect(byLog.bundle.catalog).toEqual(byFiles.bundle.catalog);
    expect(byLog.bundle.interactions).toEqual(byFiles.bundle.interactions);
    expect(byLog.bundle.model.embeddings).toEqual(byFiles.bundle.model.embeddings);
  });

  it("takes from a log that went on what came after the last update", async () => {
    const first = (await updateBundle(bundle, { log })).bundle;
    const { live, ...recommender } = await openRecommender(tiny.bundle, {}, { folder: log });
    await live?.count([{ user: "s4", item: "004", event: "cart", time: "2026-03-02T00:00:00Z" }]);
    await recommender.close();
    const second = await updateBundle(first, { log });
    expect(second.counts).toMatchObject({ pairs: 1, newUsers: 1, newItems: 0 });
  });

  it("drops deleted items and what was done with them, and moves nothing else; a service takes the rest up", async () => {
    const [folder, own] = [join(tiny.folder, "dropped", "bundle"), join(tiny.folder, "dropped-log")];
    await saveBundle(folder, bundle);
    const recommender = await openRecommender(folder, {}, { folder: own });
    await recommender.live?.removeItem("002");
    await recommender.live?.count([
      { user: "s1", item: "002", event: "view", time: "2026-03-01T09:00:00.000Z" },
      { user: "s1", item: "003", event: "view", time: "2026-03-01T09:00:00.000Z" },
    ]);
    const answer = await updateBundleFolder(folder, { log: own });
    expect(answer).toMatchObject({ deletedItems: 1, newItems: 0, pairs: 1, rejected: 0 });
    const after = await loadBundle(folder);
    const left = bundle.catalog.ids.filter((id) => id !== "002");
    expect(after.catalog.ids).toEqual(left);
    for (const id of left.filter((other) => other !== "003")) {
      const [row, earlier] = [after.catalog.ids.indexOf(id), bundle.catalog.ids.indexOf(id)];
      expect(rowOf(after.model.embeddings.vectors, row)).toEqual(rowOf(bundle.model.embeddings.vectors, earlier));
      expect(after.model.embeddings.support[row]).toBe(bundle.model.embeddings.support[earlier]);
      expect(featureRow(after.features, row)).toEqual(featureRow(bundle.features, earlier));
    }
    expect(entriesOf(after).filter((entry) => !entry.includes("s1"))).toEqual(
      entriesOf(bundle).filter((entry) => !entry.includes(" 002 ")),
    );
    // It was told that the item is gone: nothing is lost.
    expect(await recommender.reload({ maximumLost: 0 })).toMatchObject({ lost: 0 });
    await expect(recommender.similar({ item: "002" })).rejects.toMatchObject({ code: "UNKNOWN_ITEM" });
    await recommender.close();
    expect((await updateBundleFolder(folder, { log: own })).deletedItems).toBe(0);
  });

  it("refuses files beside it", async () => {
    await expect(updateBundle(bundle, { log, items: [{ id: "x", ...item }] })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("either a log or files"),
    });
  });
});
