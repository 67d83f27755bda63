/**
 * `npm run bench:stores -- BUNDLE ...`: a bundle into every store that starts here, for similar items and for users: seconds of the push,
 * and recall@10 against the exact lists, with and without a filter. Qdrant's server is in no registry: its engine is not measured.
 * Needs `npm run test:stores` once, which installs the stores.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pushBundle } from "../src/index.ts";
import { startPostgres } from "../test/stores/postgres-server.ts";

const bundles = process.argv.slice(2).map((path) => resolve(path));
const results = join(import.meta.dirname, "results", "stores.json");
// Beside the packages of the stores.
process.chdir(join(import.meta.dirname, "..", "test", "stores"));
const folder = await mkdtemp(join(tmpdir(), "tailrec-stores-"));
const figures: object[] = [];
for (const bundle of bundles) {
  const server = await startPostgres();
  const stores = {
    sqlite: `sqlite:${join(folder, "items.db")}`,
    lancedb: `lancedb:${join(folder, "lance")}`,
    postgres: `postgresql://postgres@127.0.0.1:${server.port}/postgres`,
  };
  for (const [engine, to] of Object.entries(stores)) {
    for (const purpose of ["similar", "recommend"] as const) {
      const begin = performance.now();
      const { items, dimension } = await pushBundle(bundle, { to, purpose, timeoutSeconds: 600 });
      const seconds = (performance.now() - begin) / 1000;
      const { recall } = await pushBundle(bundle, { to, purpose, only: "verify" });
      if (recall === undefined) throw new Error("expected a recall");
      const name = `${items} x ${dimension}, ${purpose}`;
      const { plain, filtered, filterShare } = recall;
      for (const [metric, value] of Object.entries({ seconds, plain, filtered, filterShare })) {
        figures.push({ case: name, engine, metric, value });
      }
      const words = [
        name,
        engine,
        `${seconds.toFixed(1)} s`,
        plain.toFixed(4),
        filtered.toFixed(4),
        filterShare.toFixed(3),
      ];
      console.log(words.join("  "));
    }
  }
  await server.stop();
}
await writeFile(results, `${JSON.stringify(figures, null, 1)}\n`);
await rm(folder, { recursive: true });
