/** One rank a run: named, or found on what the protocols leave to training. */
import { describe, expect, it } from "vitest";
import { effectiveRank } from "../../src/als/effective-rank.ts";
import { parsePipeline } from "../../src/config.ts";
import { withRank } from "../../src/experiment/rank.ts";
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

describe("the rank of a run", () => {
  it.each([true, false])(
    "is found on the training side where the pipeline names none; content: %s",
    async (besideContent) => {
      const train = randomSparse(createRandom(2), 90, 80, 9);
      const { collaborative } = await withRank(pipeline(""), { besideContent }, () => train);
      expect(collaborative.rank).toBe(await effectiveRank(train, { besideContent }));
    },
  );

  it("is the pipeline's where it names one, and no interaction is read", async () => {
    const refuse = () => {
      throw new Error("read");
    };
    expect(
      (await withRank(pipeline("collaborative: { rank: 24 }"), { besideContent: true }, refuse)).collaborative.rank,
    ).toBe(24);
  });
});
