/** A run's choice makes its features once for all that is chosen together, whatever the garbage collector takes in between. */
import { describe, expect, it } from "vitest";
import type { FeatureBlock } from "../../../src/data/feature-matrix.ts";
import { modelKinds } from "../../../src/experiment/models/model-kinds.ts";
import { createChoice } from "../../../src/experiment/models/run-choice.ts";
import { embeddingOptionsSchema } from "../../../src/index.ts";
import { collectGarbage } from "../../helpers/garbage.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(3, { users: 150, items: 100, perUser: 8 });
const embeddings = embeddingOptionsSchema.parse({ validation: { trials: 4 }, rounds: 0 });
const [contentRidge] = modelKinds.filter(({ name }) => name === "content-ridge");

function countingChoice() {
  const made: (readonly FeatureBlock[] | undefined)[] = [];
  const side = {
    train: interactions,
    features: async (weighed?: readonly FeatureBlock[]) => {
      made.push(weighed);
      return { ...features };
    },
    options: { collaborative: { rank: 6, iterations: 4 }, regressor: {}, embeddings },
    seed: 1,
  };
  return { choice: createChoice(side, {}), made };
}

describe("what a run chooses together", () => {
  it("shares the features, and is what is chosen apart", async () => {
    const { choice, made } = countingChoice();
    const together = await choice.together(async () => {
      const settings = await choice.settings();
      await collectGarbage();
      return { settings, options: await choice.optionsOf(contentRidge) };
    });
    expect(made).toHaveLength(1);
    const apart = countingChoice();
    const options = await apart.choice.optionsOf(contentRidge);
    expect({ settings: await apart.choice.settings(), options }).toEqual(together);
  });

  it("lets go of them afterwards, and learns no weights again", async () => {
    const { choice, made } = countingChoice();
    await choice.together(choice.settings);
    await collectGarbage();
    await choice.optionsOf(contentRidge);
    expect(made).toEqual([undefined, features.blocks]);
  });
});
