/**
 * Records that a service makes at every request have one hidden class. V8 gives a fresh one, with all its steps, to every object that
 * begins with a spread and goes on with keys of its own; these outlive young garbage, and the heap grows (decision 220).
 */
import { setFlagsFromString } from "node:v8";
import { describe, expect, it } from "vitest";
import type { NativeEngine, NativeTopK } from "../../src/math/compute/native/native-engine.ts";
import { topK } from "../../src/math/compute/native/native-top-k.ts";
import type { BundleSession } from "../../src/serving/bundle-session.ts";
import { listedItems } from "../../src/serving/requests/listed-items.ts";

setFlagsFromString("--allow-natives-syntax");
const areAlike = new Function("a", "b", "return %HaveSameMap(a, b)") as (a: object, b: object) => boolean;
setFlagsFromString("--no-allow-natives-syntax");

/** V8 makes objects another way once a line ran so often. */
const OFTEN = 200;

const areAllAlike = (records: readonly object[]) => records.every((record) => areAlike(record, records[0]));

describe("a record of every request", () => {
  it("is told from one of other keys", () => {
    expect(areAllAlike([{ id: 1, score: 1 }, { id: 1 }])).toBe(false);
  });

  it("has one hidden class as a listed item", () => {
    const embeddings = { support: [3], source: ["blend"], uncertainty: [0.5] };
    const bundle = { catalog: { ids: ["a"], titles: ["A"] }, model: { embeddings } };
    const session = { bundle } as unknown as BundleSession;
    const items = Array.from({ length: OFTEN }, (_, score) => listedItems(session, [{ row: 0, score }])[0]);
    expect(areAllAlike(items.slice(-OFTEN / 2))).toBe(true);
    expect(Object.keys(items[0])).toEqual(["id", "title", "support", "source", "uncertainty", "score"]);
  });

  it("has one hidden class as a search of the native backend", async () => {
    const records: NativeTopK[] = [];
    const engine: Pick<NativeEngine, "topK"> = { topK: async (record) => records.push(record) };
    const items = { rows: 3, columns: 2, values: new Float32Array(6) };
    for (let n = 0; n < OFTEN; n++) {
      const queries = { rows: 1, columns: 2, values: new Float32Array(2) };
      await topK(engine as NativeEngine, { queries, items, count: 2 });
    }
    expect(areAllAlike(records.slice(-OFTEN / 2))).toBe(true);
  });
});
