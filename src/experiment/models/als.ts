/** Plain ALS, as it is and with the norms of its items divided out as far as validation likes. */
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import { scaleNorms } from "../../hybrid/norms.ts";
import type { Model } from "./model-data.ts";
import { servedContender } from "./served-contender.ts";

export const als: Model = {
  name: "als",
  words: "implicit ALS: behaviour alone",
  byDefault: true,
  knowsContent: false,
  fit: async (data) => {
    const { userFactors, itemFactors } = await data.als();
    return servedContender("als", { users: userFactors, items: itemFactors, tail: 0 });
  },
};

export const alsCalibrated: Model = {
  name: "als-calibrated",
  words: "implicit ALS at the place of the tail dial that validation chooses",
  byDefault: true,
  knowsContent: false,
  fit: async (data) => {
    const { userFactors, itemFactors } = await data.als();
    const { alsTail } = await data.settings();
    return { name: "als-calibrated", ...factorRanker(userFactors, scaleNorms(itemFactors, alsTail)) };
  },
};
