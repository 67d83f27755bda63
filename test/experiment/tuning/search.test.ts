/** The search itself, on made figures: what is run, what is kept, and that a stopped search goes on as if it had not been. */
import { describe, expect, it } from "vitest";
import { TailrecError } from "../../../src/errors.ts";
import { byMerit, type SearchOptions, search } from "../../../src/experiment/tuning/search.ts";
import { type SearchSpace, searchSpaceSchema, type TrialValues } from "../../../src/experiment/tuning/search-space.ts";
import type { TrialLog, TrialRecord } from "../../../src/experiment/tuning/trial-log.ts";

const space: SearchSpace = searchSpaceSchema.parse({
  "embeddings.exposure": { from: 1, to: 100 },
  "collaborative.rank": [8, 16, 32],
});

function memoryLog(records: readonly TrialRecord[] = []): TrialLog & { readonly written: TrialRecord[] } {
  const written = [...records];
  return { records, written, append: async (record) => void written.push(record) };
}

/** Best at exposure 10 and rank 32; a little noisy where it is cheap. */
async function figures(values: TrialValues, level: number) {
  const exposure = Number(values["embeddings.exposure"] ?? 60);
  const rank = Number(values["collaborative.rank"] ?? 8);
  const noise = level === 2 ? 0 : 0.01 * Math.sin(97 * exposure);
  const parts = { known: 0.1 * Math.log2(rank), launched: 1 / (1 + Math.log(exposure / 10) ** 2) + noise };
  return { ...parts, objective: parts.known + 0.2 * parts.launched };
}

const halving: SearchOptions = { kind: "halving", trials: 27, seed: 4 };
const withoutTimes = (records: readonly TrialRecord[]) => records.map(({ seconds: _, ...record }) => record);

describe("successive halving", () => {
  it("runs all at the cheapest level, then the best third and the pipeline as written", async () => {
    const { records, baseline, chosen } = await search(space, halving, memoryLog(), figures);
    const at = (level: number) => records.filter((record) => record.level === level);
    expect([at(0).length, at(1).length, at(2).length]).toEqual([27, 10, 5]);
    for (const level of [0, 1]) {
      const best = byMerit(at(level)).filter(({ trial }) => trial !== 0);
      const next = at(level + 1).map(({ trial }) => trial);
      expect(next).toEqual([0, ...best.slice(0, next.length - 1).map(({ trial }) => trial)]);
    }
    expect(chosen).toBe(byMerit(at(2))[0]);
    expect(baseline).toMatchObject({ trial: 0, level: 2, values: {} });
    expect(chosen.objective).toBeGreaterThan(baseline.objective);
  });
});

describe("a random search", () => {
  it("runs every configuration at the full level, and keeps the pipeline as written when nothing beats it", async () => {
    const options: SearchOptions = { kind: "random", trials: 12, seed: 1 };
    const flat = async (values: TrialValues) =>
      Object.keys(values).length === 0
        ? { known: 2, launched: 2, objective: 2 }
        : { known: 1, launched: 1, objective: 1 };
    const { records, chosen } = await search(space, options, memoryLog(), flat);
    expect(records.map(({ trial, level }) => `${trial} ${level}`)).toEqual(
      Array.from({ length: 12 }, (_, i) => `${i} 2`),
    );
    expect(chosen.values).toEqual({});
  });

  it("tries the same configurations for the same seed, and the same first ones with a larger budget", async () => {
    const valuesOf = async (trials: number, seed: number) =>
      (await search(space, { kind: "random", trials, seed }, memoryLog(), figures)).records.map(({ values }) => values);
    expect(await valuesOf(12, 3)).toEqual((await valuesOf(20, 3)).slice(0, 12));
    expect(await valuesOf(12, 3)).not.toEqual(await valuesOf(12, 4));
  });
});

describe("a search that was stopped", () => {
  it.each([0, 1, 5, 26, 27, 30, 38, 41])(
    "after %d trials goes on to the same end, running none twice",
    async (stop) => {
      const whole = await search(space, halving, memoryLog(), figures);
      const first = memoryLog();
      let runs = 0;
      const interrupted = search(space, halving, first, async (values, level) => {
        if (runs++ === stop) throw new TailrecError("INTERRUPTED", "the run was cancelled");
        return figures(values, level);
      });
      await expect(interrupted).rejects.toThrow("the run was cancelled");
      expect(first.written).toHaveLength(stop);
      let rest = 0;
      const again = await search(space, halving, memoryLog(first.written), (values, level) => {
        rest++;
        return figures(values, level);
      });
      expect(withoutTimes(again.records)).toEqual(withoutTimes(whole.records));
      expect(withoutTimes([again.chosen])).toEqual(withoutTimes([whole.chosen]));
      expect(stop + rest).toBe(whole.records.length);
    },
  );
});

describe("a budget of time", () => {
  const timed = (trial: number, level: 0 | 1 | 2, objective: number): TrialRecord => ({
    trial,
    level,
    values: {},
    known: 1,
    launched: 1,
    objective,
    seconds: 10,
  });

  it("counts what earlier sittings took, and chooses at the highest level that more than one trial has reached", async () => {
    const options: SearchOptions = { kind: "halving", trials: 3, seed: 1, seconds: 40 };
    const log = memoryLog([timed(0, 0, 1), timed(1, 0, 3), timed(2, 0, 2), timed(0, 1, 1)]);
    const none = async () => {
      throw new Error("no trial is due");
    };
    const { records, chosen, cutShort } = await search(space, options, log, none);
    expect([records.length, cutShort]).toEqual([4, true]);
    expect(chosen).toMatchObject({ trial: 1, level: 0 });
    const more = await search(space, { ...options, seconds: 1000 }, log, figures);
    expect(more.cutShort).toBe(false);
  });
});

describe("a configuration that cannot be fitted", () => {
  it("is a trial without merit; the pipeline as written failing is an error", async () => {
    const failing = (from: number) => {
      let runs = 0;
      return async (values: TrialValues, level: number) => {
        if (runs++ === from) throw new TailrecError("NOT_ENOUGH_DATA", "too few items");
        return figures(values, level);
      };
    };
    const log = memoryLog();
    const { records, chosen } = await search(space, halving, log, failing(3));
    expect(records[3]).toMatchObject({ trial: 3, objective: 0, failed: "too few items" });
    expect(records.filter(({ trial }) => trial === 3)).toHaveLength(1);
    expect(chosen.trial).not.toBe(3);
    await expect(search(space, halving, memoryLog(), failing(0))).rejects.toThrow("too few items");
  });
});

describe("a kind of search", () => {
  it("that is not known is refused, and not taken for another", async () => {
    const options = { ...halving, kind: "grid" } as unknown as SearchOptions;
    await expect(search(space, options, memoryLog(), figures)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'tune: expected a search of kind halving or random, received "grid"',
    });
  });
});
