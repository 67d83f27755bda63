/** What a user's group takes most, the groups being those of the users' factors of plain ALS. */
import {
  type PopularInClusterOptions,
  popularInClusterOptionsSchema,
  popularInCluster as recommendByGroup,
} from "../../baselines/popular-in-cluster.ts";
import type { Model } from "./model-data.ts";

export const popularInCluster: Model<PopularInClusterOptions> = {
  name: "popular-in-cluster",
  words: "every group of users is shown what it takes most",
  knowsContent: false,
  schema: popularInClusterOptionsSchema.omit({ seed: true }),
  fit: async ({ train, als, seed }, options) =>
    recommendByGroup(train, (await als()).userFactors, { ...options, seed }),
};
