/** What a trial costs at each level of tuning. */
import { describe, expect, it } from "vitest";
import { type PipelineConfig, parsePipeline } from "../../../src/config.ts";
import { FULL, type Level, runTrial } from "../../../src/experiment/tuning/trial.ts";
import { type ComputeBackend, defaultBackend } from "../../../src/math/compute/backend.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(3, { users: 120, items: 80, perUser: 8 });

const pipelineOf = (embeddings: string): PipelineConfig =>
  parsePipeline(
    `name: made
output: nowhere
data: { interactions: { path: a.csv }, items: { path: b.csv } }
features: { attributes: {} }
collaborative: { rank: 6, iterations: 4 }
embeddings: ${embeddings}
`,
    "made.yaml",
  );

/** Posterior solves and searches of lists in one trial; only a posterior has a precision for every dimension. */
async function costOf(level: Level, embeddings = "{ rounds: 1 }"): Promise<{ posteriors: number; searches: number }> {
  const cost = { posteriors: 0, searches: 0 };
  const inner = defaultBackend();
  const backend: ComputeBackend = {
    ...inner,
    solveRows: (systems, context) => {
      if (systems.dimensionPrecision !== undefined) cost.posteriors++;
      return inner.solveRows(systems, context);
    },
    topKViews: (request) => {
      cost.searches++;
      return inner.topKViews(request);
    },
  };
  await runTrial(interactions, features, pipelineOf(embeddings), level, { backend });
  return cost;
}

describe("a trial", () => {
  it("at the cheapest level solves one posterior, whatever validation could choose", async () => {
    expect((await costOf(0)).posteriors).toBe(1);
    expect((await costOf(0, "{ rounds: 1, priorStrengthCandidates: [1, 2, 4, 8, 16, 32] }")).posteriors).toBe(1);
  });

  it("at the full level solves one for every strength and number of rounds, not one for every setting", async () => {
    const { posteriors } = await costOf(FULL);
    expect(posteriors).toBeGreaterThan(1);
    expect(posteriors).toBeLessThanOrEqual(2 * 5);
  });

  it("at the cheapest level measures nothing twice that has one value to take", async () => {
    const { searches } = await costOf(0);
    expect(searches).toBeLessThan((await costOf(FULL)).searches / 2);
  });
});
