import { describe, expect, it } from "vitest";
import { type EncodedBatch, pipelined } from "../../../src/encoders/run/encoder.ts";

const batchOf = (value: number): EncodedBatch => ({ vectors: Float32Array.of(value), failures: [] });

/** A promise with its ends in hand. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("pipelined", () => {
  it("prepares a batch while the one before runs, and runs it afterwards", async () => {
    const events: string[] = [];
    const running = gate();
    const encode = pipelined<string>(
      async ([input]) => {
        events.push(`prepare ${input}`);
        return String(input);
      },
      async (prepared) => {
        events.push(`run ${prepared}`);
        await running.opened;
        events.push(`end ${prepared}`);
        return batchOf(1);
      },
    );
    const first = encode(["a"]);
    const second = encode(["b"]);
    await new Promise(setImmediate);
    expect(events).toEqual(["prepare a", "prepare b", "run a"]);
    running.open();
    await Promise.all([first, second]);
    expect(events.slice(3)).toEqual(["end a", "run b", "end b"]);
  });

  it("answers in the order of the calls, however long their preparation takes", async () => {
    const slow = gate();
    const order: number[] = [];
    const encode = pipelined<number>(
      async ([input]) => {
        if (input === "0") await slow.opened;
        return Number(input);
      },
      async (value) => batchOf(value),
    );
    const both = ["0", "1"].map((input) => encode([input]).then(({ vectors }) => order.push(vectors[0])));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    slow.open();
    await Promise.all(both);
    expect(order).toEqual([0, 1]);
  });

  it("goes on after a batch that failed", async () => {
    const encode = pipelined<string>(
      async ([input]) => {
        if (input === "bad") throw new Error("cannot prepare");
        return String(input);
      },
      async (input) => {
        if (input === "worse") throw new Error("cannot run");
        return batchOf(7);
      },
    );
    const results = await Promise.allSettled(["bad", "worse", "good"].map((input) => encode([input])));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  });
});
