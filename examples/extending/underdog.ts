/** A model to compare with: the items that fewest people took come first. */
import { itemSupport, type Model } from "tailrec";

export const underdog: Model = {
  name: "underdog",
  words: "items in the order of their support, least first",
  knowsContent: false,
  fit: ({ train }) => {
    const support = itemSupport(train);
    const { columns } = train;
    return {
      name: "underdog",
      score: (users) => ({
        rows: users.length,
        columns,
        values: Float32Array.from({ length: users.length * columns }, (_, at) => -support[at % columns]),
      }),
    };
  },
};
