/** ALS with a linear prior of the features inside, at the options of the collaborative stage. */
import { featureIalsOptionsSchema, fitFeatureIals } from "../../baselines/feature-ials.ts";
import type { Model } from "./model-data.ts";
import { servedContender } from "./served-contender.ts";

export const featureIals: Model<{ readonly featureRegularization: number }> = {
  name: "feature-ials",
  words: "implicit ALS whose item prior is a linear map of the features, learnt with it",
  knowsContent: true,
  schema: featureIalsOptionsSchema.pick({ featureRegularization: true }),
  choice: {
    grid: [0.1, 0.01, 1].map((featureRegularization) => ({ featureRegularization })),
    judgedOn: "cold-and-warm",
  },
  fit: async ({ train, content, options: { collaborative }, context }, options) => {
    const { userFactors, itemFactors } = await fitFeatureIals(
      train,
      await content(),
      { ...collaborative, ...options },
      context,
    );
    return servedContender("feature-ials", { users: userFactors, items: itemFactors, tail: 0 });
  },
};
