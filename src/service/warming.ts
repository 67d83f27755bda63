/** One request of each kind before anybody asks: what is made at first use, encoders above all, is made now. */
import type { Recommender } from "../serving/recommender.ts";

/** A part that fails is told, and stays as it is: a bundle whose encoder is gone still lists. */
export async function warm(recommender: Recommender, onFailure: (error: unknown) => void): Promise<void> {
  const [first, second = first] = recommender.bundle.catalog.ids;
  await Promise.allSettled([
    recommender.similarOrPopular({ item: first, count: 1 }),
    recommender.recommendOrPopular({ items: [first], count: 1 }),
    recommender.recommendOrPopular({ count: 1 }),
    recommender.explain(first, second),
    recommender.embedItem({ item: { id: "warm", title: "warm" }, count: 1 }),
  ]).then((settled) => {
    for (const one of settled) if (one.status === "rejected") onFailure(one.reason);
  });
}
