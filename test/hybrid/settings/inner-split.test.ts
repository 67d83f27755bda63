/** The inner split on which settings are chosen: it must not leak, and it must be the same every time. */
import { describe, expect, it } from "vitest";
import { type Interactions, itemSupport } from "../../../src/data/interactions.ts";
import { embeddingOptionsSchema } from "../../../src/hybrid/embedding-options.ts";
import { splitValidation } from "../../../src/hybrid/settings/inner-split.ts";
import type { SparseMatrix } from "../../../src/math/matrix.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions } = makeWorld(3, { users: 120, items: 90, perUser: 6 });
const split = (
  validation: { users?: number; seed?: number; itemShare?: number } = {},
  data: Interactions = interactions,
) => splitValidation(data, embeddingOptionsSchema.parse({ validation }));

/** "user item" of every entry; `users` names the rows. */
function pairs(
  matrix: SparseMatrix,
  users: ArrayLike<number> = Array.from({ length: matrix.rows }, (_, u) => u),
): string[] {
  return Array.from({ length: matrix.rows }, (_, row) =>
    Array.from(matrix.indices.subarray(matrix.indptr[row], matrix.indptr[row + 1]), (item) => `${users[row]} ${item}`),
  ).flat();
}

describe("the inner split", () => {
  const { train, test, panel, cold } = split();
  const support = itemSupport(train);

  it("launches a share of the items, of which training knows 0, 1, 3 or 10 interactions", () => {
    const launched = [...panel.launched.keys()].filter((item) => panel.launched[item] === 1);
    const whole = itemSupport(interactions);
    expect(launched.length).toBe(Math.round(0.15 * whole.filter((count) => count >= 2).length));
    for (const item of launched) expect([0, 1, 3, Math.min(10, whole[item])]).toContain(support[item]);
  });

  it("keeps targets apart from training, all out of the given interactions", () => {
    const [all, trained] = [new Set(pairs(interactions)), new Set(pairs(train))];
    const targets = pairs(panel.test, panel.users);
    expect(targets.length).toBeGreaterThan(80);
    for (const pair of targets) expect([all.has(pair), trained.has(pair)]).toEqual([true, false]);
    for (const pair of trained) expect(all.has(pair)).toBe(true);
  });

  it("gives the panel the training rows of its own users, all of whom have a target", () => {
    expect([...panel.users]).toEqual([...panel.users].sort((a, b) => a - b));
    const own = new Set(pairs(panel.train, panel.users));
    const users = new Set(panel.users);
    expect([...own].sort()).toEqual(
      pairs(train)
        .filter((pair) => users.has(Number(pair.split(" ")[0])))
        .sort(),
    );
    for (let row = 0; row < panel.users.length; row++) {
      expect(panel.test.indptr[row + 1]).toBeGreaterThan(panel.test.indptr[row]);
    }
  });

  it("asks the cold panel for launched items without interactions, which compete among themselves", () => {
    const isCold = (item: number) => panel.launched[item] === 1 && support[item] === 0;
    expect([...cold.candidates.keys()].filter((item) => cold.candidates[item] === 1)).toEqual(
      [...panel.launched.keys()].filter(isCold),
    );
    expect(cold.users.length).toBeGreaterThan(5);
    const targets = pairs(cold.test, cold.users);
    expect(targets.every((pair) => isCold(Number(pair.split(" ")[1])))).toBe(true);
    const asked = new Set(pairs(panel.test, panel.users));
    expect(targets.every((pair) => asked.has(pair))).toBe(true);
  });

  it("lets every item compete but those that the given data do not know either", () => {
    const known = itemSupport(interactions);
    for (let item = 0; item < 90; item++) expect(panel.candidates[item]).toBe(known[item] > 0 ? 1 : 0);
  });

  it("measures with no more users than asked for, on the same training", () => {
    const small = split({ users: 20 });
    expect(small.panel.users.length).toBe(20);
    expect(small.train).toEqual(train);
  });

  it("is the same for the same seed, another for another", () => {
    expect(split()).toEqual({ train, test, panel, cold });
    expect(split({ seed: 8 }).panel.test).not.toEqual(panel.test);
  });

  it("weighs new items by their share of what it asks for where times do not tell, or as it is told", () => {
    const asked = [...split({ users: 1000 }).test.indices];
    expect(panel.newShare).toBe(asked.filter((item) => panel.launched[item] === 1).length / asked.length);
    expect(splitValidation(interactions, embeddingOptionsSchema.parse({ newShare: 0.4 })).panel.newShare).toBe(0.4);
  });
});
