/** Who comes to a shop during the soak: lists, clicks on them, searches, products that come, change, sell out and go. */
import { type Client, TailrecError } from "../src/index.ts";
import type { Random } from "../src/math/random.ts";

export interface Known {
  readonly items: readonly string[];
  readonly users: readonly string[];
}

/** New products take turns under so many ids, sessions under so many names. */
const PRODUCTS = 100;
const SESSIONS = 2000;

/** Gives what the n-th request does. Errors: those of the client. */
export function createVisitor(client: Client, { items, users }: Known, random: Random): (n: number) => Promise<void> {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(values.length * random.next())];
  const user = () => (random.next() < 0.5 ? pick(users) : `session-${Math.floor(SESSIONS * random.next())}`);
  const product = () => `soak-${Math.floor(PRODUCTS * random.next())}`;
  const title = () => `${pick(["Copper", "Stoneware", "Oak", "Linen"])} ${pick(["kettle", "bowl", "table", "cloth"])}`;
  const clickOnList = async (): Promise<void> => {
    const someone = user();
    const { requestId, items: listed } = await client.recommend({ user: someone, count: 12, include: ["reason"] });
    if (listed.length === 0) return;
    const event = pick(["view", "view", "cart", "purchase", "dismissal"] as const);
    await client.events({ events: [{ user: someone, item: pick(listed).id, event, requestId }] });
  };
  const productComes = async (): Promise<void> => {
    const id = product();
    await client.putItem({ id, title: title(), description: "With an ash glaze." });
    await client.itemSimilar({ item: id });
    try {
      if (random.next() < 0.3) await client.availability({ id, available: false });
      if (random.next() < 0.3) await client.deleteItem({ id });
    } catch (error) {
      // Another visit deleted it first.
      if (!(error instanceof TailrecError && error.code === "UNKNOWN_ITEM")) throw error;
    }
  };
  const kinds: readonly (readonly [number, () => Promise<unknown>])[] = [
    [6, () => client.similar({ item: pick(items), diversity: 0.2 })],
    [4, () => client.recommend({ items: [pick(items), pick(items)], tail: random.next() })],
    [5, clickOnList],
    [1, () => client.embed({ title: title(), description: `Number ${random.next()}` })],
    [1, productComes],
    [1, () => client.search({ q: title() })],
    [1, () => client.explain({ a: pick(items), b: pick(items) })],
    [1, () => client.item({ item: pick(items) })],
  ];
  const turns = kinds.flatMap(([share, visit]) => Array.from({ length: share }, () => visit));
  return async (n) => {
    await turns[n % turns.length]();
  };
}
