/**
 * Items in PostgreSQL, and what a product page asks of them. Needs `npm run demo`, `npm install pg`, a database with pgvector, and its
 * password in TAILREC_STORE_SECRET. pgvector.sql has the page's own query.
 */
import { pushBundle, similarFromStore } from "tailrec";

const [to = "postgresql://localhost/shop", bundle = "out/shop/bundle", item = "P00042"] = process.argv.slice(2);

const { items, sent, recall } = await pushBundle(bundle, { to, attributes: ["category", "price"], verify: true });
console.log(`${items} items, ${sent} sent, recall@10 ${recall?.plain.toFixed(2)}`);

const { similar } = await similarFromStore({ from: to, item, count: 3, filter: { price: { $lt: 100 } } });
for (const { id, title, score } of similar) console.log(`${score.toFixed(3)} ${id} ${title}`);
