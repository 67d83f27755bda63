import { describe, expect, it } from "vitest";
import { createProgressDisplay, duration } from "../../src/cli/terminal/progress.ts";

describe("progress on a terminal", () => {
  it("redraws one line with bar, rate and time left", () => {
    const { display, at, written } = recorded(true);
    at(0, () => display.show({ stage: "encode text", done: 0, total: 200 }));
    at(10_000, () => display.show({ stage: "encode text", done: 50, total: 200, note: "batch 32" }));
    const last = written.at(-1) ?? "";
    expect(last.startsWith("\r\u001b[2K")).toBe(true);
    expect(last).toContain("50/200 (25%), 5.00/s, 30 s left, batch 32");
    expect(last).toContain(`${"█".repeat(6)}${"░".repeat(18)}`);
    expect(last).not.toContain("\n");
  });

  it("redraws at most ten times a second", () => {
    const { display, at, written } = recorded(true);
    for (let time = 1000; time < 2000; time++)
      at(time, () => display.show({ stage: "als", done: time - 1000, total: 5000 }));
    expect(written.length).toBe(10);
  });

  it("leaves one line of what a long stage took, and none for a short one", () => {
    const { display, at, written } = recorded(true);
    at(0, () => display.show({ stage: "als", done: 0, total: 2 }));
    at(5000, () => display.show({ stage: "als", done: 2, total: 2 }));
    at(5000, () => display.show({ stage: "svd", done: 0, total: 2 }));
    at(5100, () => display.show({ stage: "svd", done: 2, total: 2 }));
    expect(written.filter((text) => text.endsWith("\n"))).toEqual(["als: done in 5.0 s\n"]);
  });
});

describe("progress of a run of many stages", () => {
  const progress = (done: number) => ({
    stage: "cold-items, als",
    done,
    total: 12,
    run: { now: "cold-items", share: 0.42, left: 71, ahead: ["warm-tail", "fit"] },
  });

  it("is one line on a terminal, with what is left and ahead", () => {
    const { display, at, written } = recorded(true);
    for (let done = 0; done < 12; done++) at(1000 * (done + 1), () => display.show(progress(done)));
    expect(written.every((text) => !text.includes("\n"))).toBe(true);
    expect(written.at(-1)).toContain("42 %, about 71 s left: cold-items, als 11/12; then warm-tail, fit");
  });

  it("is three lines a minute elsewhere", () => {
    const { display, at, written } = recorded(false);
    for (let time = 0; time <= 60_000; time += 100) at(time, () => display.show(progress((time / 100) % 12)));
    expect(written).toHaveLength(3);
    expect(written[0]).toMatch(/^42 %, about 71 s left: cold-items, als \d+\/12; then warm-tail, fit\n$/);
  });
});

describe("progress elsewhere", () => {
  it("writes a plain line every three seconds, without control characters", () => {
    const { display, at, written } = recorded(false);
    for (let time = 0; time <= 10_000; time += 100) {
      at(time, () => display.show({ stage: "encode image", done: time / 100, total: 1000 }));
    }
    expect(written).toEqual([
      "encode image: 30/1000 (3%), 10.0/s, 97 s left\n",
      "encode image: 60/1000 (6%), 10.0/s, 94 s left\n",
      "encode image: 90/1000 (9%), 10.0/s, 91 s left\n",
    ]);
  });

  it("starts the clock again when a stage repeats", () => {
    const { display, at, written } = recorded(false);
    at(0, () => display.show({ stage: "als", done: 1, total: 10 }));
    at(2000, () => display.show({ stage: "als", done: 9, total: 10 }));
    at(2500, () => display.show({ stage: "als", done: 1, total: 10 }));
    at(6000, () => display.show({ stage: "als", done: 8, total: 10 }));
    expect(written).toEqual(["als: 8/10 (80%), 2.00/s, 1.0 s left\n"]);
  });

  it("writes high rates as whole numbers", () => {
    const { display, at, written } = recorded(false);
    at(0, () => display.show({ stage: "rows", done: 0, total: 100_000 }));
    at(4000, () => display.show({ stage: "rows", done: 50_000, total: 100_000 }));
    expect(written).toEqual(["rows: 50000/100000 (50%), 12,500/s, 4.0 s left\n"]);
  });

  it("does not fall silent over many short stages", () => {
    const { display, at, written } = recorded(false);
    for (let round = 0; round < 8; round++) {
      at(1000 * round, () => display.show({ stage: `model ${round}`, done: 0, total: 2 }));
      at(1000 * round + 900, () => display.show({ stage: `model ${round}`, done: 2, total: 2 }));
    }
    expect(written).toEqual(["model 3: 0/2 (0%)\n", "model 6: 0/2 (0%)\n"]);
  });

  it("closes an unfinished stage on finish", () => {
    const { display, at, written } = recorded(false);
    at(0, () => display.show({ stage: "als", done: 1, total: 10 }));
    at(4000, () => display.finish());
    expect(written).toEqual(["als: done in 4.0 s\n"]);
  });
});

describe("duration", () => {
  it("speaks of seconds, then of minutes", () => {
    expect([40, 9900, 12_300, 99_000, 185_000].map(duration)).toEqual(["0.0 s", "9.9 s", "12 s", "99 s", "3 min 5 s"]);
  });
});

function recorded(interactive: boolean) {
  const written: string[] = [];
  let time = 0;
  const display = createProgressDisplay({
    interactive,
    width: 200,
    write: (text) => {
      written.push(text);
    },
    now: () => time,
  });
  const at = (when: number, act: () => void) => {
    time = when;
    act();
  };
  return { display, at, written };
}
