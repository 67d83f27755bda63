/** How much of the catalog the lists show, and how many of the users have a full list. */
import { figureOfAllLists, figurePerUser, type ListMetricKind } from "../list-metric.ts";

export const itemCoverage: ListMetricKind = {
  of: "lists",
  name: "item-coverage",
  definition: "share of the competing items that stand in somebody's list",
  figure: (world, k) =>
    figureOfAllLists(world, k, (counts) => counts.filter((count) => count > 0).length / counts.length),
};

export const userCoverage: ListMetricKind = {
  of: "lists",
  name: "user-coverage",
  definition: "share of the users whose list is full: k items",
  figure: (world, k) => figurePerUser(world, k, ({ length }) => Number(length >= Math.min(k, world.candidates.length))),
};
