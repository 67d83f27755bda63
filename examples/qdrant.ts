/**
 * Items in Qdrant, and what a product page asks of them over HTTP. Needs `npm run demo`, `npm install @qdrant/js-client-rest`, a server, and
 * its key, where it has one, in TAILREC_STORE_SECRET. The alias tailrec_items is what pages ask: a push moves it in one step.
 */
import { pushBundle } from "tailrec";

const [to = "qdrant://localhost:6333", bundle = "out/shop/bundle", item = "P00042"] = process.argv.slice(2);

const { items, sent } = await pushBundle(bundle, { to, attributes: ["category", "price"] });
console.log(`${items} items, ${sent} sent`);

const ask = async (path: string, body: object) => {
  const headers = { "content-type": "application/json", "api-key": process.env.TAILREC_STORE_SECRET ?? "" };
  const url = `${to.replace(/^qdrant/, "http")}/collections/tailrec_items/points/${path}`;
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).json() as Promise<Answer>;
};

interface Answer {
  readonly result: {
    readonly points: readonly {
      readonly score: number;
      readonly vector: number[];
      readonly payload: { readonly id: string; readonly title: string };
    }[];
  };
}

const own = { key: "id", match: { value: item } };
const { points } = (await ask("scroll", { filter: { must: [own] }, limit: 1, with_vector: true })).result;
const filter = { must: [{ key: "attributes.price", range: { lt: 100 } }], must_not: [own] };
const found = await ask("query", { query: points[0].vector, limit: 3, filter, with_payload: true });
for (const { score, payload } of found.result.points) console.log(`${score.toFixed(3)} ${payload.id} ${payload.title}`);
