/** The floor that the service is measured against: fastify and a loop over all items. Arguments: items, dimensions; prints its address. */
import Fastify from "fastify";
import { createRandom } from "../src/math/random.ts";

const [items, dimensions] = process.argv.slice(2).map(Number);
const random = createRandom(1);
const vectors = Float32Array.from({ length: items * dimensions }, () => random.normal());

const app = Fastify();
app.get("/similar/:row", async ({ params }) => {
  const row = Number((params as { readonly row: string }).row) % items;
  const scores = new Float32Array(items);
  for (let i = 0; i < items; i++) {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += vectors[row * dimensions + d] * vectors[i * dimensions + d];
    scores[i] = sum;
  }
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  return order.slice(1, 11).map((item) => ({ id: String(item), score: scores[item] }));
});
console.log(JSON.stringify({ listening: await app.listen({ host: "127.0.0.1", port: 0 }) }));
