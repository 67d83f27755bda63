/** What a user's group takes most, the groups being those of the users' factors of plain ALS. */
import { popularInCluster as recommendByGroup } from "../../baselines/popular-in-cluster.ts";
import type { Model } from "./model-data.ts";

export const popularInCluster: Model = {
  name: "popular-in-cluster",
  words: "every group of users is shown what it takes most",
  knowsContent: false,
  fit: async ({ train, als, seed }) => recommendByGroup(train, (await als()).userFactors, { seed }),
};
