/** Which of their options validation chooses for `item-knn` and `user-knn`. */
import type { OptionChoice } from "./model-kind.ts";
import type { NeighbourOptionsInput } from "./neighbours.ts";

/** A small grid around what the literature uses. Shorter lists begin longer ones, so those come first. */
export const neighbourChoice: OptionChoice<NeighbourOptionsInput> = {
  grid: [10, 0, 100].flatMap((shrinkage) => [200, 50].map((neighbours) => ({ neighbours, shrinkage }))),
  judgedOn: "warm",
};
