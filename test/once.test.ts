import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createHolder, weakly } from "../src/once.ts";
import { collectGarbage } from "./helpers/garbage.ts";

describe("a value that stands while it is held", () => {
  it("is computed once for all who ask while somebody has it", async () => {
    let computed = 0;
    const ask = createHolder().hold(async () => {
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
    const ask = createHolder().hold(async () => {
      if (computed++ === 0) throw new Error("not yet");
      return { computed };
    });
    await expect(ask()).rejects.toThrow("not yet");
    expect(await ask()).toEqual({ computed: 2 });
  });
});

describe("a holder", () => {
  const counted = () => {
    const { hold, during } = createHolder();
    let computed = 0;
    const ask = hold(async () => ({ computed: ++computed }));
    return { ask, during };
  };

  it("keeps a value until the last work is done, and no longer", async () => {
    const { ask, during } = counted();
    const seen: number[] = [];
    const look = async () => {
      seen.push((await ask()).computed);
      await collectGarbage();
    };
    await during(async () => {
      await look();
      await during(look);
      await look();
    });
    await collectGarbage();
    await look();
    expect(seen).toEqual([1, 1, 1, 2]);
  });

  it("lets go after work that fails", async () => {
    const { ask, during } = counted();
    const failing = during(async () => {
      await ask();
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await collectGarbage();
    expect(await ask()).toEqual({ computed: 2 });
  });
});

describe("a value that is kept weakly", () => {
  it("may be undefined, which is asked for again", () => {
    let computed = 0;
    const ask = weakly(() => (computed++ === 0 ? undefined : { computed }));
    expect([ask(), ask()]).toEqual([undefined, { computed: 2 }]);
  });
});
