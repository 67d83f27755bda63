/** DropoutNet on the factors of plain ALS. */
import { dropoutnet as fitDropoutnet } from "../../baselines/dropoutnet.ts";
import type { Model } from "./model-data.ts";

export const dropoutnet: Model = {
  name: "dropoutnet",
  words: "a network of ALS factors and content that loses the factors at random in training",
  knowsContent: true,
  fit: async ({ train, als, content, seed, context }) => {
    const { userFactors, itemFactors } = await als();
    return fitDropoutnet(train, { userFactors, itemFactors, content: await content() }, { seed }, context);
  },
};
