/** What a panel measures, against figures counted by hand. */
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../../src/data/interactions.ts";
import { createTieOrder } from "../../../src/evaluation/ranking/tie-order.ts";
import { asksNobody, measureAll, measureOnPanel, type Panel } from "../../../src/hybrid/settings/panel.ts";

/** Three users, six items; items 4 and 5 are launched, item 3 does not compete. */
const train = createInteractions(3, 6, { users: [0, 1, 2], items: [0, 1, 2], values: [1, 1, 1] });
const test = createInteractions(3, 6, { users: [0, 0, 1, 2], items: [1, 4, 5, 0], values: [1, 1, 1, 1] });
const onlyNew = createInteractions(3, 6, { users: [0, 1], items: [4, 5], values: [1, 1] });
const panel: Panel = {
  users: Uint32Array.of(0, 1, 2),
  train,
  test,
  launched: Uint8Array.of(0, 0, 0, 0, 1, 1),
  candidates: Uint8Array.of(1, 1, 1, 0, 1, 1),
  tieOrder: createTieOrder(6, 1),
  newShare: 0.25,
  launchedShare: 0.25,
};

/** Every user likes items in this order. */
function inOrder(order: readonly number[]) {
  const scores = Float32Array.from({ length: 6 }, (_, item) => 6 - order.indexOf(item));
  const score = (rows: Uint32Array) => ({
    rows: rows.length,
    columns: 6,
    values: Float32Array.from(Array.from(rows, () => [...scores]).flat()),
  });
  return { score };
}

const gain = (rank: number) => 1 / Math.log2(rank + 1);

describe("a panel", () => {
  it("gives NDCG@10 of known and of launched targets in one list, and their mixture", async () => {
    // User 0 sees 3 (out), 4, 1, 5, 2: 4 is first, 1 second. User 1 sees 4, 5, ...; user 2 sees 4, 1, 5, 0.
    const figures = await measureOnPanel(panel, inOrder([3, 4, 1, 5, 2, 0]));
    const known = (gain(2) + gain(4)) / 2;
    const launched = (gain(1) + gain(2)) / 2;
    expect(figures.known).toBeCloseTo(known, 6);
    expect(figures.launched).toBeCloseTo(launched, 6);
    expect(figures.objective).toBeCloseTo(0.75 * known + 0.25 * launched, 6);
    expect([...figures.byUser.known]).toEqual([expect.closeTo(gain(2), 6), Number.NaN, expect.closeTo(gain(4), 6)]);
  });

  it("is 1 where every target leads, and its mixture is the one part where the other is not asked for", async () => {
    const known = { ...panel, launched: new Uint8Array(6) };
    const figures = await measureOnPanel(known, inOrder([1, 4, 5, 0, 2, 3]));
    expect(figures.objective).toBe(figures.known);
    const launched = { ...panel, launched: new Uint8Array(6).fill(1) };
    expect((await measureOnPanel(launched, inOrder([1, 4, 5, 0, 2, 3]))).objective).toBeCloseTo(figures.known, 6);
  });

  it("ranks some items among themselves, where they alone are asked for", async () => {
    const few = { ...panel, test: onlyNew, candidates: panel.launched };
    expect(await measureAll(few, inOrder([0, 1, 2, 3, 4, 5]))).toBeCloseTo((1 + gain(2)) / 2, 6);
    expect(await measureAll(few, inOrder([0, 1, 2, 3, 5, 4]))).toBeCloseTo((gain(2) + 1) / 2, 6);
    expect([asksNobody(few), asksNobody({ ...few, users: new Uint32Array(0) })]).toEqual([false, true]);
  });
});
