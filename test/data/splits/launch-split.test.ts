/** The launch split: what training may know, what is asked for, and that nothing leaks. */
import { describe, expect, it } from "vitest";
import { type Interactions, itemSupport } from "../../../src/data/interactions.ts";
import { splitSimulatedLaunch } from "../../../src/data/splits/launch-split.ts";
import { makeWorld } from "../../helpers/world.ts";

const world = makeWorld(5, { users: 200, items: 80, perUser: 10 }).interactions;
const timed: Interactions = { ...world, times: Float64Array.from(world.indices, (_, p) => (p * 7919) % 4001) };

const entries = (matrix: Interactions) =>
  Array.from({ length: matrix.rows }, (_, user) =>
    Array.from({ length: matrix.indptr[user + 1] - matrix.indptr[user] }, (_, p) => {
      const place = matrix.indptr[user] + p;
      return { user, item: matrix.indices[place], time: matrix.times?.[place] ?? 0 };
    }),
  ).flat();

describe("a simulated launch", () => {
  const split = splitSimulatedLaunch(timed, { share: 0.2, revealed: [0, 1, 3] });

  it("launches the share of the items, each with its first n interactions", () => {
    expect(split.launched).toHaveLength(16);
    const support = itemSupport(split.train);
    for (const item of split.launched) {
      const n = split.revealed[item];
      expect(support[item]).toBe(n);
      const times = entries(timed)
        .filter((e) => e.item === item)
        .map(({ time }) => time);
      const kept = entries(split.train)
        .filter((e) => e.item === item)
        .map(({ time }) => time);
      expect(kept.sort((a, b) => a - b)).toEqual(times.sort((a, b) => a - b).slice(0, n));
    }
    expect([...split.coldItems]).toEqual([...split.launched].filter((item) => support[item] === 0));
  });

  it("holds out the latest of every user's other interactions, about the share", () => {
    const isKnown = ({ item }: { item: number }) => split.revealed[item] < 0;
    const [kept, asked] = [entries(split.train).filter(isKnown), entries(split.test).filter(isKnown)];
    expect(asked.length / (asked.length + kept.length)).toBeCloseTo(0.2, 1);
    for (let user = 0; user < 200; user++) {
      const latest = Math.max(...kept.filter((e) => e.user === user).map(({ time }) => time));
      for (const { time } of asked.filter((e) => e.user === user)) expect(time).toBeGreaterThan(latest);
    }
  });

  it("asks for what comes after the user's training alone, of known and launched items", () => {
    const kept = entries(split.train);
    const asked = entries(split.test);
    expect(asked.filter(({ item }) => split.revealed[item] >= 0).length).toBeGreaterThan(20);
    for (const { user, time } of asked) {
      const latest = Math.max(...kept.filter((e) => e.user === user).map((e) => e.time));
      expect(time).toBeGreaterThanOrEqual(latest);
    }
  });

  it("asks for everything that was held back where times do not count", () => {
    const { train, test } = splitSimulatedLaunch(timed, { order: "random" });
    expect(train.indices.length + test.indices.length).toBe(timed.indices.length);
    expect(splitSimulatedLaunch(world).description.order).toBe("random");
  });

  it("holds back whatever training does not see, asked for or not", () => {
    const pairs = (matrix: Interactions) => entries(matrix).map(({ user, item }) => `${user} ${item}`);
    const [seen, held] = [pairs(split.train), pairs(split.heldBack)];
    expect([...seen, ...held].sort()).toEqual(pairs(timed).sort());
    expect(held).toEqual(expect.arrayContaining(pairs(split.test)));
    expect(held.length).toBeGreaterThan(split.test.indices.length);
  });

  it("keeps one interaction of every user who has one with a known item", () => {
    const known = new Set(entries(timed).flatMap(({ user, item }) => (split.revealed[item] < 0 ? [user] : [])));
    const trained = new Set(entries(split.train).map(({ user }) => user));
    for (const user of known) expect(trained.has(user)).toBe(true);
  });

  it("is the same for the same seed, another for another", () => {
    expect(splitSimulatedLaunch(timed, { share: 0.2, revealed: [0, 1, 3] })).toEqual(split);
    expect(splitSimulatedLaunch(timed, { share: 0.2, revealed: [0, 1, 3], seed: 2 }).launched).not.toEqual(
      split.launched,
    );
  });

  it("refuses the latest where there are no times, and data that leave nothing to ask", () => {
    expect(() => splitSimulatedLaunch(world, { order: "latest" })).toThrow(/needs times/);
    const one = {
      rows: 1,
      columns: 1,
      indptr: Uint32Array.of(0, 1),
      indices: Uint32Array.of(0),
      values: Float32Array.of(1),
    };
    expect(() => splitSimulatedLaunch(one)).toThrow(/too few/);
  });
});
