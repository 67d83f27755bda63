/** The clock of a run: an honest estimate of what is left, and one line for the whole of it. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPipeline, parsePipeline } from "../../src/config.ts";
import { protocolKinds } from "../../src/experiment/protocols/protocol-kinds.ts";
import { createRunClock, type PlannedStage, planOf } from "../../src/experiment/run-clock.ts";
import { createStages } from "../../src/experiment/stages.ts";
import type { Progress, RunProgress } from "../../src/run-context.ts";

const config = parsePipeline(
  "name: a\noutput: out\ndata: { interactions: { path: a.csv }, items: { path: b.csv } }\nevaluation: { similarItems: {} }\n",
  "a.yaml",
);
const plan = planOf(config, protocolKinds, { evaluates: true, saves: true });

/** Seconds by stage as two sets took them, with settings inside the first protocol. */
const RUNS = {
  "a made catalog": {
    read: 2,
    encode: 13,
    settings: 21,
    "cold-items": 16,
    "warm-tail": 38,
    fit: 8,
    report: 5,
    save: 4,
  },
  "encodings cached": {
    read: 3,
    encode: 1,
    settings: 21,
    "cold-items": 16,
    "warm-tail": 38,
    fit: 8,
    report: 5,
    save: 4,
  },
  "a larger one": {
    read: 5,
    encode: 40,
    settings: 60,
    "cold-items": 70,
    "warm-tail": 130,
    fit: 30,
    report: 10,
    save: 9,
  },
} as const;

/** 60,000 x 20,000 with five models and encodings cached: CPU seconds by stage, since its machine was shared. */
const LARGE = { read: 5, encode: 1, settings: 40, "cold-items": 34, "warm-tail": 46, fit: 18, report: 7, save: 2 };
const ofLarge = parsePipeline(
  "name: a\noutput: out\ndata: { interactions: { path: a.csv }, items: { path: b.csv } }\n" +
    "evaluation: { coldItems: {}, warmTail: {}, models: [popularity, als, content-knn, regression-mse, hybrid] }\n",
  "a.yaml",
);

/** Parts of a run in their order: the stages that are open, seconds, and whether the last of them counts its work meanwhile. */
type Part = readonly [stages: string, seconds: number, counts?: "counts"];

/** These seconds by stage, the search of settings inside the first protocol. */
function partsOf(seconds: Readonly<Record<string, number>>): readonly Part[] {
  const later = ["warm-tail", "fit", "report", "save"].map((stage): Part => [stage, seconds[stage]]);
  return [
    ["read", seconds.read],
    ["encode", seconds.encode, "counts"],
    ["cold-items, settings", seconds.settings, "counts"],
    ["cold-items", seconds["cold-items"]],
    ...later,
  ];
}

/** MovieLens as it ran: the rank was given, so that the first visit of the settings took no time, and others came back to them. */
const MOVIELENS: readonly Part[] = [
  ["read", 2],
  ["encode", 4, "counts"],
  ["settings", 0],
  ["cold-items", 1],
  ["cold-items, settings", 43],
  ["cold-items, settings", 31, "counts"],
  ["cold-items", 0],
  ["cold-items, settings", 7],
  ["cold-items", 14],
  ["cold-items, settings", 29],
  ["cold-items", 69],
  ["warm-tail, settings", 0],
  ["warm-tail", 133],
  ["similar-items", 2],
  ["fit", 15],
  ["", 0],
  ["fit", 40],
  ["report", 6],
  ["save", 5],
];

/** Amazon Scientific as it ran, encodings cached. */
const AMAZON: readonly Part[] = [
  ["read", 1],
  ["encode", 0, "counts"],
  ["settings", 0],
  ["cold-items", 1],
  ["cold-items, settings", 26],
  ["cold-items, settings", 27, "counts"],
  ["cold-items", 1],
  ["cold-items, settings", 5],
  ["cold-items", 10],
  ["cold-items, settings", 24],
  ["cold-items", 48],
  ["warm-tail, settings", 0],
  ["warm-tail", 76],
  ["similar-items", 3],
  ["fit", 13],
  ["", 0],
  ["fit", 15],
  ["report", 6],
  ["save", 7],
];

/** The demo as it ran on a slow machine: few items, so that protocols are short beside the search. */
const SHOP: readonly Part[] = [
  ["read", 1],
  ["encode", 10, "counts"],
  ["settings", 0],
  ["launch, settings", 3],
  ["launch, settings", 6, "counts"],
  ["launch, settings", 5],
  ["launch", 1],
  ["launch, settings", 9],
  ["launch", 11],
  ["warm-tail", 10],
  ["similar-items", 1],
  ["fit", 2],
  ["report", 4],
  ["save", 4],
];

/** Every report of a run of these parts, one a second. */
function replay(parts: readonly Part[], stagesAhead: readonly PlannedStage[] = plan) {
  let time = 0;
  const clock = createRunClock(stagesAhead, () => 1000 * time);
  const seen: { at: number; run: RunProgress }[] = [];
  const { onProgress } = clock.reporting({ onProgress: ({ run }: Progress) => run && seen.push({ at: time, run }) });
  let open: string[] = [];
  for (const [stages, seconds, counts] of [...parts, ["", 0] as const]) {
    const next = stages.split(", ").filter((stage) => stage !== "");
    while (open.some((stage, i) => stage !== next[i])) {
      clock.end();
      open = open.slice(0, -1);
    }
    for (const stage of next.slice(open.length)) clock.begin(stage);
    open = next;
    const counted = open.at(-1) === "encode" ? "encode text" : "choose settings";
    for (let s = 0; s < seconds; s++, time++) {
      onProgress?.({ stage: counts === undefined ? "als" : counted, done: s, total: seconds });
    }
  }
  return { seen, total: time };
}

describe("the clock of a run", () => {
  it.each([
    ["movielens-small", MOVIELENS],
    ["amazon-scientific", AMAZON],
    ["shop", SHOP],
  ])("takes a short visit of a stage for none, and what comes back for evidence: %s", async (name, parts) => {
    const { config: own } = await loadPipeline(join(import.meta.dirname, "../../pipelines", `${name}.yaml`));
    const { seen, total } = replay(parts, planOf(own, protocolKinds, { evaluates: true, saves: true }));
    const said = seen.filter(({ at, run }) => at < 0.9 * total && run.left !== undefined);
    const factors = said.map(({ at, run }) => (at + (run.left ?? 0)) / total);
    expect(Math.max(...factors)).toBeLessThan(2);
    expect(Math.min(...factors)).toBeGreaterThan(1 / 2);
    const near = factors.filter((factor) => Math.abs(Math.log(factor)) < Math.log(1.5));
    expect(near.length).toBeGreaterThan(0.8 * said.length);
    for (const { at, run } of seen) if (at >= 0.25 * total) expect(run.left).toBeDefined();
  });

  it.each(Object.entries(RUNS))("says what is left within a factor of two from 15 %% on: %s", (_, seconds) => {
    const { seen, total } = replay(partsOf(seconds));
    const judged = seen.filter(({ at }) => at >= 0.15 * total && at < 0.9 * total);
    for (const { at, run } of judged) {
      expect(run.left).toBeDefined();
      const factor = (at + (run.left ?? 0)) / total;
      expect([at, factor > 1 / 2 && factor < 2]).toEqual([at, true]);
    }
    const within = judged.filter(({ at, run }) => Math.abs(Math.log((at + (run.left ?? 0)) / total)) < Math.log(1.5));
    expect(within.length).toBeGreaterThan(0.8 * judged.length);
  });

  it("says what is left within a factor of 1.5 from a tenth on, of a large run", () => {
    const { seen, total } = replay(partsOf(LARGE), planOf(ofLarge, protocolKinds, { evaluates: true, saves: true }));
    const judged = seen.filter(({ at }) => at >= 0.1 * total);
    for (const { at, run } of judged) {
      const factor = (at + (run.left ?? 0)) / total;
      expect([at, factor > 1 / 1.5 && factor < 1.5]).toEqual([at, true]);
    }
    expect(judged.length).toBeGreaterThan(100);
  });

  it("names what runs and what is ahead, and nothing twice", () => {
    const { seen } = replay(partsOf(RUNS["a made catalog"]));
    expect(seen[0].run).toMatchObject({
      now: "read",
      ahead: ["encode", "settings", "cold-items", "warm-tail", "similar-items", "fit", "report", "save"],
    });
    expect(seen.find(({ run }) => run.now === "cold-items, settings")?.run.ahead).not.toContain("settings");
    expect(seen.at(-1)?.run).toMatchObject({ now: "save", ahead: [] });
  });

  it("says nothing of the time left before a tenth is over", () => {
    const { seen } = replay(partsOf(RUNS["a made catalog"]));
    expect(seen[0].run.left).toBeUndefined();
  });

  it("hears of stages that are inside each other", async () => {
    const heard: string[] = [];
    const stages = createStages({ begin: (stage) => heard.push(stage), end: () => heard.push("end") });
    await stages.time("cold-items", () => stages.time("settings", async () => undefined));
    expect(heard).toEqual(["cold-items", "settings", "end", "end"]);
  });
});
