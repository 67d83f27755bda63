/** One rank and one weight of unobserved pairs a run: named, or found on what the protocols leave to training. */
import { describe, expect, it } from "vitest";
import { effectiveRank } from "../../src/als/effective-rank.ts";
import { withUnobservedWeight } from "../../src/als/unobserved-weight.ts";
import { parsePipeline } from "../../src/config.ts";
import { withSettledAls } from "../../src/experiment/settled-als.ts";
import { createRandom } from "../../src/math/random.ts";
import { randomSparse } from "../helpers/matrices.ts";

const pipeline = (collaborative: string) =>
  parsePipeline(
    `name: made
output: nowhere
data: { interactions: { path: a.csv }, items: { path: b.csv } }
${collaborative}
`,
    "made.yaml",
  );

describe("the collaborative stage of a run", () => {
  it("is settled on the training side where the pipeline leaves it open", async () => {
    const train = randomSparse(createRandom(2), 90, 80, 9);
    const { collaborative } = await withSettledAls(pipeline("collaborative: { unobservedWeight: auto }"), () => train);
    expect(collaborative.rank).toBe(await effectiveRank(train));
    const ofTrain = withUnobservedWeight({ unobservedWeight: "auto", confidenceScale: 1 }, train);
    expect(collaborative.unobservedWeight).toBe(ofTrain.unobservedWeight);
  });

  it("is what the pipeline names, and no interaction is read then", async () => {
    const refuse = () => {
      throw new Error("read");
    };
    const named = pipeline("collaborative: { rank: 24, unobservedWeight: 0.2 }");
    expect((await withSettledAls(named, refuse)).collaborative).toEqual(named.collaborative);
  });
});
