import { describe, expect, it } from "vitest";
import { factorLines, modelLines, unusableLines } from "../../src/cli/answers/run-summary.ts";
import type { RunResult } from "../../src/experiment/pipeline.ts";
import { UNTUNED } from "../../src/hybrid/defaults.ts";

describe("unusableLines", () => {
  it("tells of every block apart, each with its own count and example", () => {
    const failed = { code: "UNREADABLE_INPUT", reason: "damaged" } as const;
    const lines = unusableLines([
      { item: "a", block: "text", ...failed },
      { item: "b", block: "image", file: "b.png", ...failed },
      { item: "c", block: "image", file: "c.png", ...failed },
    ]);
    expect(lines).toEqual([
      expect.stringMatching(/^1 x unusable text, such as that of a \(UNREADABLE_INPUT: its text: damaged\)/),
      expect.stringMatching(/^2 x unusable image, such as that of b \(UNREADABLE_INPUT: b\.png: damaged\)/),
    ]);
  });

  it("says nothing where everything could be used", () => {
    expect(unusableLines([])).toEqual([]);
  });
});

describe("factorLines", () => {
  const items = { used: 9, unknown: 0, solved: 1, cold: 0 };
  const users = { used: 8, unknown: 0, solved: 0 };

  it("warns of factors that do not follow the interactions, for each side apart", () => {
    const lines = factorLines({ rank: 8, items: { ...items, agreement: 0.514 }, users: { ...users, agreement: 0.9 } });
    expect(lines.filter((line) => line.includes("chance"))).toEqual([
      "factors of items hardly tell a user's items from others (.51, chance is .50): check that their ids are the shop's",
    ]);
  });

  it("does not where they do, or where there are too few interactions to judge by", () => {
    const lines = [
      factorLines({ rank: 8, items: { ...items, agreement: 0.8 }, users }),
      factorLines({ rank: 8, items }),
    ];
    expect(lines.flat().filter((line) => line.includes("chance"))).toEqual([]);
  });
});

describe("modelLines", () => {
  const linesOf = (alsUnobservedWeight: number, alsRankTimes: number) => {
    const trials = { regressor: [], search: [{}], contentLift: [], similar: [] };
    const settings = {
      ...UNTUNED,
      rounds: 2,
      alsUnobservedWeight,
      alsRankTimes,
      trials,
    } as unknown as RunResult["settings"];
    return modelLines(
      { collaborative: { iterations: 12 } },
      {
        settings,
        sizes: { rank: 64, channel: 9 },
      },
    );
  };

  it("says how ALS under the hybrid differs from that of the options, where it does", () => {
    const hybrid = "2 joint rounds, content channel 0.35 of 9 columns, tail dial 0";
    expect(linesOf(1, 1)).toEqual(["als: rank 64, 12 iterations", `hybrid: ${hybrid}`]);
    expect(linesOf(10, 1)).toEqual([
      "als: rank 64, 12 iterations",
      `hybrid: ALS at 10 times its unobserved weight, ${hybrid}`,
    ]);
    expect(linesOf(1, 2)).toEqual(["als: rank 32, 12 iterations", `hybrid: ALS at 2 times its rank, ${hybrid}`]);
    expect(linesOf(3, 2)[1]).toBe(`hybrid: ALS at 3 times its unobserved weight and 2 times its rank, ${hybrid}`);
  });
});
