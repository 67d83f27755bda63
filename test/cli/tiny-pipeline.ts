/** A pipeline over the tiny shop that fits in a second. */
import { join } from "node:path";
import { root } from "./tailrec.ts";

export const tiny = join(root, "fixtures", "tiny");

/** The pipeline file's text; `data` is the folder of a tiny shop. */
export function tinyPipeline(data: string, output: string): string {
  return `name: tiny
data:
  interactions:
    path: ${join(data, "events.csv")}
    columns: { event: event, time: timestamp }
    eventWeights: { view: 1, cart: 2, purchase: 4 }
  items:
    path: ${join(data, "items.jsonl")}
    columns: { title: title, description: description, image: image }
    attributes:
      - { column: brand, kind: category }
      - { column: category, kind: category }
      - { column: price, kind: price }
features:
  text: {}
  image: {}
  lexical: { dimension: 8 }
collaborative: { rank: 8, iterations: 4, regularization: 0.003, unobservedWeight: 0.1 }
output: ${output}
`;
}
