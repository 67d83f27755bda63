/** One request of each kind before anybody asks: what is made at first use, encoders and groups of users above all, is made now. */
import type { BundleSession } from "./bundle-session.ts";
import { answerExplain } from "./requests/explain-request.ts";
import { recommendOrPopular, similarOrPopular } from "./requests/lenient-lists.ts";
import { answerNewItem } from "./requests/new-item-request.ts";
import type { EmbedOne } from "./vectors/new-item-batches.ts";

/** What failed, a reason a part: a bundle whose encoder is gone still lists. */
export async function warmUp(session: BundleSession, embedOne: EmbedOne): Promise<readonly unknown[]> {
  const [first, second = first] = session.bundle.catalog.ids;
  const settled = await Promise.allSettled([
    similarOrPopular(session, { item: first, count: 1 }),
    recommendOrPopular(session, { items: [first], count: 1 }),
    recommendOrPopular(session, { count: 1 }),
    answerExplain(session, first, second),
    answerNewItem(session, { item: { id: "warm", title: "warm" }, count: 1 }, embedOne),
  ]);
  return settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
}
