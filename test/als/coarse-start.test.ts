/** Where training of large data starts: nearer than noise, the same every time, and left alone where users are few. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { settledAlsOptionsSchema } from "../../src/als/als-options.ts";
import { coarseItemFactors } from "../../src/als/coarse-start.ts";
import { alsObjective } from "../../src/als/objective.ts";
import { createReferenceBackend } from "../../src/math/compute/reference/reference-backend.ts";
import { createRandom } from "../../src/math/random.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { makeWorld } from "../helpers/world.ts";

const options = settledAlsOptionsSchema.parse({ rank: 6, unobservedWeight: 0.1, iterations: 1, solver: "cg" });
const { interactions } = makeWorld(5, { users: 1600, items: 120, perUser: 15 });
const noise = randomMatrix(createRandom(2), 120, 6);

describe("the coarse start", () => {
  it("saves more than a whole iteration", async () => {
    const lossOf = async (iterations: number, start?: typeof noise) => {
      const model = await fitAls(interactions, { ...options, iterations }, { start });
      return alsObjective(interactions, model, options);
    };
    const start = await coarseItemFactors(interactions, noise, options);
    expect(await lossOf(1, start)).toBeLessThan(await lossOf(2, noise));
    // And it is where fitAls starts by itself.
    expect(await lossOf(1)).toBeLessThan(await lossOf(2, noise));
  });

  it("is the noise itself where a sample of the users would have fewer than eight a dimension", async () => {
    const narrow = randomMatrix(createRandom(2), 120, 25);
    expect(await coarseItemFactors(interactions, narrow, { ...options, rank: 25 })).not.toBe(narrow);
    const wide = randomMatrix(createRandom(2), 120, 26);
    expect(await coarseItemFactors(interactions, wide, { ...options, rank: 26 })).toBe(wide);
  });

  it("draws its users by seed, gives the same bytes on 1 and on 2 threads, and leaves the noise as it was", async () => {
    const before = structuredClone(noise);
    const at = (seed: number, threads: number) =>
      coarseItemFactors(interactions, noise, { ...options, seed }, { backend: createReferenceBackend({ threads }) });
    const first = await at(1, 1);
    expect(await at(1, 2)).toEqual(first);
    expect(await at(2, 1)).not.toEqual(first);
    expect(noise).toEqual(before);
  });
});
