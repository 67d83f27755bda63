/** The comparison of two bundles, on a tiny shop and its update. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveBundle } from "../../src/bundle/bundle.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { type BundleSession, openBundle } from "../../src/serving/bundle-session.ts";
import { compareBundles } from "../../src/serving/compare/compare-bundles.ts";
import { similarItems } from "../../src/serving/ranking/similar-items.ts";
import { updateBundle } from "../../src/serving/update/bundle-update.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

let base: string;
let before: BundleSession;
let after: BundleSession;

async function events(name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(base, name);
  await writeFile(path, `user_id,item_id,event,timestamp\n${lines.map((line) => `${line}\n`).join("")}`);
  return path;
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-compare-"));
  const config = tinyExperiment(join(base, "out"), "{}");
  before = await openBundle((await runPipeline(config, { folder: base, evaluate: false })).bundleFolder);
  const interactions = await events(
    "news.csv",
    ...["u1", "u2", "u3", "new"].map((u) => `${u},010,purchase,2025-06-01`),
  );
  const items = [{ id: "extra", title: "Stoneware bowl", attributes: { category: "bowl" } }];
  const { bundle } = await updateBundle(before.bundle, { interactions, items });
  await saveBundle(join(base, "after"), bundle);
  after = await openBundle(join(base, "after"));
});

afterAll(() => rm(base, { recursive: true, force: true }));

describe("compare", () => {
  it("finds nothing between a bundle and itself", async () => {
    const { moved, similar, recommended, items, users } = await compareBundles(before, before);
    expect(moved.beyond).toBe(0);
    expect(moved.asStored.largest).toBeLessThan(1e-6);
    expect(similar.every(({ churn }) => churn === 0)).toBe(true);
    expect(recommended.churn).toBe(0);
    expect(recommended.coverage[0]).toBe(recommended.coverage[1]);
    expect([items.added, items.gone, users.added, users.gone]).toEqual([0, 0, 0, 0]);
  });

  it("names the item that was taken and says why it moved, and counts what came", async () => {
    const { mostChanged, items, users, moved } = await compareBundles(before, after);
    expect(mostChanged[0].id).toBe("010");
    expect(mostChanged[0].reasons[0]).toMatch(/^interactions 1 -> \d$/);
    expect(mostChanged.at(-1)?.reasons).toEqual(["nothing of its own: the items and users around it"]);
    expect([items.added, users.added]).toEqual([1, 1]);
    expect(moved.beyond).toBe(1);
  });

  it("counts the churn of similar lists as one does by hand", async () => {
    const { similar } = await compareBundles(before, after);
    const churns: number[] = [];
    for (const [row, id] of before.bundle.catalog.ids.entries()) {
      const idsOf = async (session: BundleSession, at: number) =>
        (await similarItems(session.similar(), at)).map((hit) => session.bundle.catalog.ids[hit.row]);
      const [earlier, later] = [await idsOf(before, row), await idsOf(after, after.itemRow(id))];
      churns.push(later.filter((other) => !earlier.includes(other)).length / later.length);
    }
    const mean = churns.reduce((sum, churn) => sum + churn, 0) / churns.length;
    expect(similar.find(({ slice }) => slice === "all")).toMatchObject({ lists: churns.length });
    expect(similar.find(({ slice }) => slice === "all")?.churn).toBeCloseTo(mean, 6);
  });

  it("gives NDCG of both on interactions that neither has seen, and refuses those that both have", async () => {
    const interactions = await events("later.csv", "u1,P-11,view,2025-07-01", "u2,P-12,view,2025-07-01");
    const { later } = await compareBundles(before, after, { interactions });
    expect(later).toMatchObject({ asked: 2, before: { n: 2 }, after: { n: 2 } });
    const seen = await events("seen.csv", "u1,001,view,2025-07-01");
    await expect(compareBundles(before, after, { interactions: seen })).rejects.toMatchObject({
      code: "NOT_ENOUGH_DATA",
    });
  });
});
