/** The least that people have: users with one interaction each, a few items, a single one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { openRecommender } from "../../src/serving/recommender.ts";

const folder = mkdtempSync(join(tmpdir(), "tailrec-few-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `items` items, of which 24 users took one each, among the first `seen`. */
function shopOf(items: number, seen: number, evaluation: string) {
  const rows = Array.from({ length: items }, (_, i) => `i${i},${["red", "blue"][i % 2]} kettle ${i}\n`).join("");
  writeFileSync(join(folder, "items.csv"), `item_id,title\n${rows}`);
  const events = Array.from({ length: 24 }, (_, u) => `u${u},i${u % seen},${1_700_000_000 + u}\n`).join("");
  writeFileSync(join(folder, "events.csv"), `user_id,item_id,time\n${events}`);
  const text = `name: few
data:
  interactions: { path: events.csv, columns: { time: time } }
  items: { path: items.csv, columns: { title: title } }
features: { text: null, image: null, lexical: { dimension: 4 } }
collaborative: { rank: 4, iterations: 3 }
evaluation: ${evaluation}
output: ${join(folder, `out-${items}-${seen}`)}
`;
  return parsePipeline(text, "few.yaml");
}

const OFF = "{ coldItems: null, warmTail: null, report: null }";

describe("users with one interaction each", () => {
  it.each([
    [20, 12],
    [4, 4],
    [3, 1],
    [1, 1],
  ])("of %i items, %i of them seen, give a bundle that answers", async (items, seen) => {
    const config = shopOf(items, seen, OFF);
    const { bundleFolder, settings } = await runPipeline(config, { folder });
    expect(settings.trials.search).toEqual([]);
    const recommender = await openRecommender(bundleFolder);
    const { recommended: listed } = await recommender.recommend({ user: "u0", count: 30 });
    expect(listed.map(({ id }) => id).sort()).toEqual(Array.from({ length: items - 1 }, (_, i) => `i${i + 1}`).sort());
    expect(listed.every(({ score }) => Number.isFinite(score))).toBe(true);
  });

  it("can be measured on cold items, where the protocol that needs two is off", async () => {
    const config = shopOf(20, 12, "{ warmTail: null, report: null, models: [popularity, hybrid], resamples: 100 }");
    const { reports } = await runPipeline(config, { folder });
    expect(reports.map(({ protocol }) => protocol.kind)).toEqual(["cold-items"]);
  });

  it.each([
    ["warmTail", 20, 12, /warm-tail: .* received none; leave it out \(evaluation\.warmTail: null\).*--no-evaluate/],
    ["coldItems", 3, 1, /cold-items: .* received 1; leave it out \(evaluation\.coldItems: null\).*--no-evaluate/],
  ])("cannot be measured by %s, and the message says how to leave it out", async (_, items, seen, said) => {
    const running = runPipeline(shopOf(items, seen, "{ report: null }"), { folder });
    await expect(running).rejects.toMatchObject({ code: "NOT_ENOUGH_DATA", message: expect.stringMatching(said) });
  });
});
