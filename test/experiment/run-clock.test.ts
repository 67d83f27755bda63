/** The clock of a run: an honest estimate of what is left, and one line for the whole of it. */
import { describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { protocolKinds } from "../../src/experiment/protocols/protocol-kinds.ts";
import { createRunClock, planOf } from "../../src/experiment/run-clock.ts";
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

/** Every report of a run in which stages take these seconds and report each of them. */
async function reportsOf(seconds: Readonly<Record<string, number>>, stagesAhead = plan) {
  let time = 0;
  const clock = createRunClock(stagesAhead, () => 1000 * time);
  const stages = createStages(clock);
  const seen: { at: number; run: RunProgress }[] = [];
  const { onProgress } = clock.reporting({ onProgress: ({ run }: Progress) => run && seen.push({ at: time, run }) });
  const work = (stage: string) => async () => {
    const counted = stage === "encode" ? "encode text" : stage === "settings" ? "choose settings" : "als";
    for (let s = 0; s < (seconds[stage] ?? 0); s++) {
      onProgress?.({ stage: counted, done: s, total: seconds[stage] ?? 1 });
      time++;
    }
  };
  await stages.time("read", work("read"));
  await stages.time("encode", work("encode"));
  await stages.time("cold-items", async () => {
    await stages.time("settings", work("settings"));
    await work("cold-items")();
  });
  for (const stage of ["warm-tail", "fit", "report", "save"]) await stages.time(stage, work(stage));
  return { seen, total: time };
}

describe("the clock of a run", () => {
  it.each(Object.entries(RUNS))("says what is left within a factor of two from a tenth on: %s", async (_, seconds) => {
    const { seen, total } = await reportsOf(seconds);
    const judged = seen.filter(({ at }) => at >= 0.15 * total && at < 0.9 * total);
    for (const { at, run } of judged) {
      expect(run.left).toBeDefined();
      const factor = (at + (run.left ?? 0)) / total;
      expect([at, factor > 1 / 2 && factor < 2]).toEqual([at, true]);
    }
    const within = judged.filter(({ at, run }) => Math.abs(Math.log((at + (run.left ?? 0)) / total)) < Math.log(1.5));
    expect(within.length).toBeGreaterThan(0.8 * judged.length);
  });

  it("says what is left within a factor of 1.5 from a tenth on, of a large run", async () => {
    const { seen, total } = await reportsOf(LARGE, planOf(ofLarge, protocolKinds, { evaluates: true, saves: true }));
    const judged = seen.filter(({ at }) => at >= 0.1 * total);
    for (const { at, run } of judged) {
      const factor = (at + (run.left ?? 0)) / total;
      expect([at, factor > 1 / 1.5 && factor < 1.5]).toEqual([at, true]);
    }
    expect(judged.length).toBeGreaterThan(100);
  });

  it("names what runs and what is ahead, and nothing twice", async () => {
    const { seen } = await reportsOf(RUNS["a made catalog"]);
    expect(seen[0].run).toMatchObject({
      now: "read",
      ahead: ["encode", "settings", "cold-items", "warm-tail", "similar-items", "fit", "report", "save"],
    });
    expect(seen.find(({ run }) => run.now === "cold-items, settings")?.run.ahead).not.toContain("settings");
    expect(seen.at(-1)?.run).toMatchObject({ now: "save", ahead: ["similar-items"] });
  });

  it("says nothing of the time left before a tenth is over", async () => {
    const { seen } = await reportsOf(RUNS["a made catalog"]);
    expect(seen[0].run.left).toBeUndefined();
  });
});
