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
    const named = await withRank(pipeline("collaborative: { rank: 24 }"), { besideContent: true }, refuse);
    expect(named.collaborative.rank).toBe(24);
  });

  it("is that of the hybrid too where the pipeline names it, and validation may take more where it does not", async () => {
    const train = randomSparse(createRandom(2), 90, 80, 9);
    const timesOf = async (written: string) =>
      (await withRank(pipeline(written), { besideContent: true }, () => train)).embeddings.alsRankTimes;
    expect(await timesOf("")).toBe("auto");
    expect(await timesOf("collaborative: { rank: 24 }")).toBe(1);
    expect(await timesOf("collaborative: { rank: 24 }\nembeddings: { alsRankTimes: 2 }")).toBe(2);
  });
});
