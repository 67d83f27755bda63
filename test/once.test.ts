import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { whileHeld } from "../src/once.ts";

describe("a value that stands while it is held", () => {
  it("is computed once for all who ask while somebody has it", async () => {
    let computed = 0;
    const ask = whileHeld(async () => {
      computed++;
      await setImmediate();
      return { computed };
    });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(second).toBe(first);
    expect(await ask()).toBe(first);
    expect(computed).toBe(1);
  });

  it("is asked for again after a failure", async () => {
    let computed = 0;
    const ask = whileHeld(async () => {
      if (computed++ === 0) throw new Error("not yet");
      return { computed };
    });
    await expect(ask()).rejects.toThrow("not yet");
    expect(await ask()).toEqual({ computed: 2 });
  });
});
