/** DropoutNet on the factors of plain ALS. */
import {
  type DropoutnetOptions,
  dropoutnetOptionsSchema,
  dropoutnet as fitDropoutnet,
} from "../../baselines/dropoutnet.ts";
import type { Model } from "./model-data.ts";

export const dropoutnet: Model<DropoutnetOptions> = {
  name: "dropoutnet",
  words: "a network of ALS factors and content that loses the factors at random in training",
  knowsContent: true,
  schema: dropoutnetOptionsSchema.omit({ seed: true }),
  fit: async ({ train, als, content, seed, context }, options) => {
    const { userFactors, itemFactors } = await als();
    const inputs = { userFactors, itemFactors, content: await content() };
    return fitDropoutnet(train, inputs, { ...options, seed }, context);
  },
};
