/** Plain ALS, as it is and with the norms of its items divided out as far as validation likes. The dial needs plain ALS alone. */
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

const DIAL = [0, 0.2, 0.4, 0.6, 0.8, 1];

export const alsCalibrated: Model<number> = {
  name: "als-calibrated",
  words: "implicit ALS at the place of the tail dial that validation chooses",
  byDefault: true,
  knowsContent: false,
  choice: { grid: DIAL, judgedOn: "mixture" },
  fit: async (data, tail = 0) => {
    const { userFactors, itemFactors } = await data.als();
    return { name: "als-calibrated", ...factorRanker(userFactors, scaleNorms(itemFactors, tail)) };
  },
};
