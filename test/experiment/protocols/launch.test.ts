/** The launch protocol on the tiny shop: figures by hand, parts that make up the whole, and lists of others measured alike. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "../../../src/data/ingest/ingest.ts";
import { type Interactions, itemSupport } from "../../../src/data/interactions.ts";
import { splitSimulatedLaunch } from "../../../src/data/splits/launch-split.ts";
import { createTieOrder } from "../../../src/evaluation/ranking/tie-order.ts";
import { evaluateLists, evaluatePipeline, readSavedReport, writeSplits } from "../../../src/index.ts";
import { tinyExperiment } from "../../helpers/tiny-experiment.ts";

const options = { share: 0.3, revealed: [0, 1, 3], seed: 4 };
const evaluation = `{ resamples: 100, models: [popularity, als, content-ridge], coldItems: null, warmTail: null, launch: ${JSON.stringify(options)} }`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-launch-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const itemsOf = ({ indptr, indices }: Interactions, user: number) => [
  ...indices.subarray(indptr[user], indptr[user + 1]),
];

/** What popularity shows each user: unseen items by support, ties by the seeded order. */
function popularLists(train: Interactions): number[][] {
  const support = itemSupport(train);
  const { places } = createTieOrder(train.columns, 1);
  const order = [...support.keys()].sort((a, b) => support[b] - support[a] || places[a] - places[b]);
  return Array.from({ length: train.rows }, (_, user) => order.filter((item) => !itemsOf(train, user).includes(item)));
}

/** NDCG@10 of lists for the targets of a part, over the users that hold one. */
function ndcgOf(lists: readonly number[][], test: Interactions, isPart: (item: number) => boolean): number {
  const gain = (rank: number) => (rank < 10 ? 1 / Math.log2(rank + 2) : 0);
  const values = lists.flatMap((list, user) => {
    const targets = itemsOf(test, user).filter(isPart);
    if (targets.length === 0) return [];
    const best = targets.reduce((sum, _, rank) => sum + gain(rank), 0);
    return [targets.reduce((sum, item) => sum + gain(list.indexOf(item)), 0) / best];
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("the launch protocol", () => {
  it("measures all truth and its parts against the whole catalog, as by hand", async () => {
    const output = join(folder, "run");
    const config = tinyExperiment(output, evaluation);
    const { reports } = await evaluatePipeline(config, { folder });
    const [{ protocol, results, words }] = reports;
    const { interactions } = await ingest(config.data, { folder });
    const { train, test, revealed, launched } = splitSimulatedLaunch(interactions, options);
    const lists = popularLists(train);
    const figureAt = (metric: string, slice: string) =>
      results.find((one) => one.model === "popularity" && one.metric === metric && one.slice === slice)?.value;
    const parts: Record<string, (item: number) => boolean> = {
      all: () => true,
      known: (item) => revealed[item] < 0,
      launched: (item) => revealed[item] >= 0,
      "n=0": (item) => revealed[item] === 0,
      "n=1": (item) => revealed[item] === 1,
      "n=3": (item) => revealed[item] === 3,
    };
    expect(protocol.slices.map(({ name }) => name)).toEqual(Object.keys(parts));
    for (const [slice, isPart] of Object.entries(parts))
      expect(figureAt("ndcg@10", slice)).toBeCloseTo(ndcgOf(lists, test, isPart), 12);
    expect(new Set(results.map(({ candidates }) => candidates))).toEqual(new Set(["catalog"]));

    const shown = lists.filter((_, user) => itemsOf(test, user).length > 0).map((list) => list.slice(0, 10));
    const isLaunched = (item: number) => launched.includes(item);
    const shares = shown.map((list) => list.filter(isLaunched).length / list.length);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(figureAt("launched-share@10", "all")).toBeCloseTo(mean, 12);
    expect(figureAt("item-coverage@10", "all")).toBeCloseTo(new Set(shown.flat()).size / train.columns, 12);

    const targets = (name: string) => protocol.slices.find((slice) => slice.name === name)?.targets ?? 0;
    expect(targets("known") + targets("launched")).toBe(targets("all"));
    expect(targets("n=0") + targets("n=1") + targets("n=3")).toBe(targets("launched"));
    expect([...new Set(results.map(({ model }) => model))]).toEqual([
      "popularity",
      "als",
      "content-ridge",
      "slots-1",
      "slots-2",
      "slots-3",
    ]);
    const shareOf = (name: string) =>
      results.find(({ model, metric }) => model === name && metric === "launched-share@10")?.value ?? 0;
    expect(shareOf("slots-3")).toBeGreaterThanOrEqual(Math.max(shareOf("slots-1"), 0.29));
    expect(words?.plots?.[0].lines.map(({ name }) => name)).toContain("als");
    expect(await readSavedReport(output)).toMatchObject({ evaluations: [{ protocol: { kind: "launch" } }] });
  });

  it("is left out unless it is asked for, and stands first where it is", async () => {
    expect(tinyExperiment(folder, "{}").evaluation.launch).toBeNull();
    const both = "{ resamples: 100, models: [popularity], coldItems: null, launch: {}, seeds: [1, 2] }";
    const { reports } = await evaluatePipeline(tinyExperiment(join(folder, "both"), both), { folder });
    expect(reports.map(({ protocol }) => protocol.kind)).toEqual(["launch", "warm-tail"]);
    expect(reports[0].protocol.seeds).toEqual([1, 2]);
    expect(reports[1].results.some(({ metric }) => metric === "launched-share@10")).toBe(false);
  });

  it("measures a launch in time by ranges of what training sees", async () => {
    const timed =
      "{ resamples: 100, models: [popularity], coldItems: null, warmTail: null, launch: { kind: time, heldOut: 0.3 } }";
    const config = tinyExperiment(join(folder, "timed"), timed);
    const { reports, leaks } = await evaluatePipeline(config, { folder });
    const [{ protocol }] = reports;
    expect(protocol).toMatchObject({ kind: "launch", order: "time", launchedItems: 1, launchedTargets: 1 });
    expect(protocol.slices.map(({ name }) => name)).toEqual(["all", "known", "launched", "n=0"]);
    expect(leaks.find(({ check }) => check === "future-interactions")?.state).toBe("clean");
  });

  it("measures lists of others on its written splits like its own", async () => {
    const config = tinyExperiment(join(folder, "own"), evaluation);
    const [{ results }] = (await evaluatePipeline(config, { folder })).reports;
    const [written] = await writeSplits(config, join(folder, "splits"), { folder });
    const { catalog, interactions, userIds } = await ingest(config.data, { folder });
    const { train } = splitSimulatedLaunch(interactions, options);
    const lines = popularLists(train).flatMap((list, user) =>
      list.slice(0, 20).map((item, rank) => `${userIds[user]}\t${catalog.ids[item]}\t${100 - rank}\n`),
    );
    const lists = join(folder, "popularity.tsv");
    await writeFile(lists, `user\titem\tscore\n${lines.join("")}`);
    const { report } = await evaluateLists(written.folder, [lists], undefined, {});
    expect(report.words?.title).toBe("Launch");
    const own = results.filter(
      ({ model, metric }) => model === "popularity" && /ndcg@10|launched|coverage/.test(metric),
    );
    for (const { slice, metric, value } of own) {
      const same = report.results.find((one) => one.slice === slice && one.metric === metric);
      expect(same?.value, `${metric} ${slice}`).toBeCloseTo(value, 12);
    }
    expect(await readFile(join(written.folder, "launched.tsv"), "utf8")).toMatch(/^item\n/);
  });
});
