/** Reports from a log: small ones by hand, large ones of simulated users. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { experimentSchema, variantOf } from "../../src/traffic/experiment.ts";
import { reportExperiment } from "../../src/traffic/experiment-report.ts";
import type { Exposure } from "../../src/traffic/exposure.ts";
import {
  crossedThresholds,
  gini,
  monitorOptionsSchema,
  monitorTraffic,
  populationStability,
  thresholdsSchema,
} from "../../src/traffic/monitor.ts";
import type { Action } from "../../src/traffic/read-traffic.ts";

const experiment = experimentSchema.parse({
  name: "dial",
  salt: "s",
  variants: [
    { name: "plain", share: 1 },
    { name: "tail", share: 1, tail: 0.8 },
  ],
  effect: 0.05,
});

const list = (requestId: string, user: string, items: readonly string[], more: Partial<Exposure> = {}): Exposure => ({
  requestId,
  user,
  time: "2026-05-02T10:00:00.000Z",
  bundle: "b",
  by: "hybrid",
  experiment: "dial",
  items: [...items],
  tail: 0,
  fresh: 0,
  unknown: 0,
  ...more,
});

const action = (
  requestId: string,
  user: string,
  item: string,
  event = "view",
  time = "2026-05-02T10:01:00.000Z",
): Action => ({
  id: `${requestId} ${item} ${event} ${time}`,
  user,
  item,
  event,
  time,
  requestId,
});

describe("the report of an experiment", () => {
  it("counts lists with a click, purchases, and the NDCG of what was clicked, by variant", () => {
    const exposures = [
      list("1", "u", ["a", "b", "c"], { variant: "plain", tail: 1, fresh: 3 }),
      list("2", "u", ["a", "b", "c"], { variant: "plain" }),
      list("3", "v", ["a", "b"], { variant: "tail", tail: 2 }),
      list("4", "w", ["a"], { variant: "tail", experiment: "another" }),
    ];
    const actions = [
      action("1", "u", "b"),
      action("1", "u", "b", "purchase"),
      action("3", "v", "elsewhere"),
      action("2", "u", "a", "dismissal"),
    ];
    const { variants } = reportExperiment(experiment, { exposures, actions });
    expect(variants.map(({ users, lists }) => [users, lists])).toEqual([
      [1, 2],
      [1, 1],
    ]);
    const [plain, tail] = variants.map(({ figures }) =>
      Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value])),
    );
    expect(plain).toMatchObject({ clickThrough: 0.5, conversion: 0.5, tailShare: 1 / 6, newShare: 0.5 });
    expect(plain.ndcg).toBeCloseTo(1 / Math.log2(3) / 2);
    expect(tail).toMatchObject({ clickThrough: 0, conversion: 0, tailShare: 1 });
  });

  /** Users of whom each is given lists by their variant and clicks by chance. */
  function simulated(users: number, rates: Readonly<Record<string, number>>, seed: number) {
    const random = createRandom(seed);
    const exposures: Exposure[] = [];
    const actions: Action[] = [];
    for (let u = 0; u < users; u++) {
      const user = `user ${seed} ${u}`;
      const variant = variantOf(experiment, user).name;
      const own = 0.1 * random.normal();
      for (let n = 0; n < 3; n++) {
        exposures.push(list(`${user} ${n}`, user, ["a", "b"], { variant }));
        if (random.next() < rates[variant] + own) actions.push(action(`${user} ${n}`, user, "a"));
      }
    }
    return { exposures, actions };
  }

  it("raises at most 5 % false alarms over simulated logs without an effect", () => {
    const alarms = Array.from({ length: 300 }, (_, seed) => {
      const { variants } = reportExperiment(experiment, simulated(200, { plain: 0.3, tail: 0.3 }, seed));
      return variants[1].difference !== undefined && variants[1].difference.p < 0.05;
    }).filter(Boolean).length;
    expect(alarms).toBeLessThanOrEqual(15 + 3 * Math.sqrt(300 * 0.05 * 0.95));
  });

  it("finds a true effect, and its interval holds it", () => {
    const { variants, sampleRatioP } = reportExperiment(experiment, simulated(4000, { plain: 0.3, tail: 0.38 }, 7));
    const { difference } = variants[1];
    expect(difference?.p).toBeLessThan(0.01);
    expect(difference?.interval[0]).toBeLessThan(0.08);
    expect(difference?.interval[1]).toBeGreaterThan(0.08);
    expect(sampleRatioP).toBeGreaterThan(0.001);
  });

  it("says that users did not come in their shares", () => {
    const { exposures, actions } = simulated(2000, { plain: 0.3, tail: 0.3 }, 9);
    const gone = exposures.filter(({ user, variant }) => variant !== "tail" || Number(user.split(" ")[2]) % 4 !== 0);
    expect(reportExperiment(experiment, { exposures: gone, actions }).sampleRatioP).toBeLessThan(0.001);
  });

  it("counts the lists that each of two teams wins", () => {
    const shared = (id: string) => list(id, `u${id}`, ["a", "b"], { teams: ["a", "b"] });
    const exposures = ["1", "2", "3", "4"].map(shared);
    const actions = [
      action("1", "u1", "a"),
      action("2", "u2", "a"),
      action("3", "u3", "b"),
      action("4", "u4", "a"),
      action("4", "u4", "b"),
    ];
    expect(reportExperiment(experiment, { exposures, actions }).interleaving).toMatchObject({ a: 2, b: 1, ties: 1 });
  });
});

describe("monitoring", () => {
  const day = (n: number) => `2026-05-0${n}T12:00:00.000Z`;
  const exposures = [
    list("1", "u", ["a", "b"], { time: day(1), tail: 1 }),
    list("2", "u", ["a", "c"], { time: day(3), by: "popularity", fresh: 2, unknown: 1 }),
    list("3", "v", ["c", "a"], { time: day(3) }),
  ];
  const actions = [
    action("1", "u", "b", "view", "2026-05-01T13:00:00.000Z"),
    action("2", "u", "c", "view", "2026-05-03T12:30:00.000Z"),
    action("3", "v", "x", "purchase", "2026-05-03T12:31:00.000Z"),
  ];
  const options = monitorOptionsSchema.parse({ days: 1, items: 4 });

  it("measures the window by hand", () => {
    const { window, before, days } = monitorTraffic({ exposures, actions }, options);
    expect(window).toMatchObject({
      lists: 2,
      users: 2,
      events: 2,
      coverage: 0.5,
      newShare: 0.5,
      fallbackShare: 0.5,
      unknownIds: 1,
      shownShare: 0.5,
    });
    // Two events: at the second place of the list before it, and not in it.
    expect(window.prequentialNdcg).toBeCloseTo(1 / Math.log2(3) / 2);
    expect(before).toMatchObject({ lists: 1, coverage: 0.5, tailShare: 0.5 });
    expect(days.map(({ day: name }) => name)).toEqual(["2026-05-01", "2026-05-03"]);
  });

  it("takes latency of the lists that say how long they took", () => {
    const timed = (n: number, milliseconds?: number) => list(`${n}`, "u", ["a"], { time: day(3), milliseconds });
    const lists = [...Array.from({ length: 101 }, (_, n) => timed(n, 100 - n)), timed(101)];
    const report = monitorTraffic({ exposures: lists, actions: [] }, options);
    expect(report.window).toMatchObject({ lists: 102, p50Milliseconds: 50, p99Milliseconds: 99 });
    expect(monitorTraffic({ exposures, actions }, options).window.p99Milliseconds).toBeNull();
    expect(crossedThresholds(report, thresholdsSchema.parse({ p99Milliseconds: { maximum: 20 } }))).toEqual([
      "p99Milliseconds is 99, above 20",
    ]);
  });

  it("measures nothing as null, and no limit is crossed by it", () => {
    const report = monitorTraffic({ exposures: [], actions: [] }, options);
    expect(report.window.coverage).toBeNull();
    expect(crossedThresholds(report, thresholdsSchema.parse({ coverage: { minimum: 1 } }))).toEqual([]);
  });

  it("says which limits are crossed, and by how much", () => {
    const report = monitorTraffic({ exposures, actions }, options);
    const limits = thresholdsSchema.parse({
      coverage: { minimum: 0.6 },
      fallbackShare: { maximum: 0.5 },
      unknownIds: { maximum: 0 },
    });
    expect(crossedThresholds(report, limits)).toEqual(["coverage is 0.5, below 0.6", "unknownIds is 1, above 0"]);
  });

  it("population stability is 0 for the same shares, grows with their distance, and is finite for new names", () => {
    const counts = (entries: Readonly<Record<string, number>>) => new Map(Object.entries(entries));
    expect(populationStability(counts({ a: 1000, b: 1000 }), counts({ a: 1000, b: 1000 }))).toBeCloseTo(0, 6);
    const far = populationStability(counts({ a: 10_000, b: 10_000 }), counts({ a: 16_000, b: 4_000 }));
    expect(far).toBeCloseTo(0.3 * Math.log(0.8 / 0.5) - 0.3 * Math.log(0.2 / 0.5), 3);
    expect(Number.isFinite(populationStability(counts({ a: 5 }), counts({ b: 5 })))).toBe(true);
  });

  it("gini is that of all pairs", () => {
    const counts = [1, 2, 7, 0, 3];
    const pairs = counts.flatMap((a) => counts.map((b) => Math.abs(a - b)));
    const oracle =
      pairs.reduce((sum, gap) => sum + gap, 0) / (2 * counts.length * counts.reduce((sum, c) => sum + c, 0));
    expect(gini(counts)).toBeCloseTo(oracle, 10);
  });
});
