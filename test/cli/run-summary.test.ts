import { describe, expect, it } from "vitest";
import { unusableLines } from "../../src/cli/answers/run-summary.ts";

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
