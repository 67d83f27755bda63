/** One request of each kind before anybody asks: what is made at first use, encoders above all, is made now. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
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

/**
 * What opening a bundle leaves behind is more than requests do in an hour, and V8 would keep it until they have. It takes a tenth of a
 * second, while nobody waits yet.
 */
export function giveBackGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  collect();
}
