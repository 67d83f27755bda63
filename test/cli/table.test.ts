import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainLine, type Style, styleFor } from "../../src/cli/terminal/style.ts";
import { type Column, displayWidth, formatTable, truncate } from "../../src/cli/terminal/table.ts";

const columns: readonly Column[] = [
  { heading: "item" },
  { heading: "title", flexible: true },
  { heading: "score", align: "right" },
];

describe("formatTable", () => {
  it("aligns columns, numbers to the right", () => {
    const rows = [
      ["a", "Kettle", "0.9"],
      ["b-long", "Oak table", "0.125"],
    ];
    expect(formatTable(columns, rows, plain(80))).toEqual([
      "item    title      score",
      "a       Kettle       0.9",
      "b-long  Oak table  0.125",
    ]);
  });

  it("cuts only flexible columns when the terminal is narrow", () => {
    const rows = [["B00004TKVY", "A very long title that cannot be shown here", "0.9"]];
    const [, line] = formatTable(columns, rows, plain(36));
    expect(line).toBe("B00004TKVY  A very long titl…    0.9");
    expect(displayWidth(line)).toBeLessThanOrEqual(36);
  });

  it("aligns wide letters and emoji by what a terminal shows", () => {
    const rows = [
      ["1", "日本茶", "1"],
      ["2", "tea 🍵", "2"],
    ];
    const lines = formatTable(columns, rows, plain(80));
    expect(new Set(lines.map(displayWidth)).size).toBe(1);
  });

  it("never passes a catalog's control characters to the terminal", () => {
    const rows = [["x", "red\u001b[31m\u0007kettle\nsecond\u202eline", "1"]];
    expect(formatTable(columns, rows, plain(80))[1]).toContain("red [31m kettle second line");
  });

  it("draws a table without rows as its heading", () => {
    expect(formatTable(columns, [], plain(80))).toEqual(["item  title  score"]);
  });
});

describe("truncate", () => {
  it("never exceeds the width and never splits a letter", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        const cut = truncate(text, width);
        expect(displayWidth(cut)).toBeLessThanOrEqual(width);
        if (displayWidth(text) <= width) expect(cut).toBe(text);
      }),
    );
  });
});

describe("plainLine", () => {
  it("leaves ordinary text of any script alone", () => {
    expect(plainLine("Čajník «Аврора» 茶壺")).toBe("Čajník «Аврора» 茶壺");
  });
});

describe("styleFor", () => {
  const terminal = { isTTY: true, columns: 100 };

  it("colours a terminal and nothing else", () => {
    expect(styleFor(terminal, {}).bold("x")).toBe("\u001b[1mx\u001b[0m");
    expect(styleFor({ isTTY: false, columns: 0 }, {}).bold("x")).toBe("x");
  });

  it("respects NO_COLOR and dumb terminals", () => {
    expect(styleFor(terminal, { NO_COLOR: "1" }).good("x")).toBe("x");
    expect(styleFor(terminal, { TERM: "dumb" }).bad("x")).toBe("x");
  });

  it("takes the width from the terminal, and 120 for files and pipes", () => {
    expect(styleFor(terminal, {}).width).toBe(100);
    expect(styleFor({ isTTY: false, columns: 0 }, {}).width).toBe(120);
  });
});

function plain(width: number): Style {
  const same = (text: string) => text;
  return { coloured: false, width, bold: same, faint: same, good: same, bad: same };
}
