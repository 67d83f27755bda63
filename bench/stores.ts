/**
 * `npm run bench:stores -- BUNDLE UPDATED`: a bundle into every store that starts here, for similar items and for users. Figures are seconds
 * of the push, and recall@10 against the exact lists, with and without a filter. Then comes the updated bundle: what moved is sent.
 * Needs `npm run test:stores` once, which installs the stores; `npm run bench:update-speed -- --keep FOLDER` makes bundles. Weaviate
 * is measured where TAILREC_WEAVIATE names its server; `--only` and `--for` name one store and one purpose. Qdrant's server is in no
 * registry: its engine is not measured.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pushBundle } from "../src/index.ts";
import { type Purpose, purposes } from "../src/stores/store-kind.ts";
import { startPostgres } from "../test/stores/postgres-server.ts";
import { program, startWeaviate } from "../test/stores/weaviate-server.ts";
import { type Figure, replaceFigures } from "./figures.ts";

interface Engine {
  readonly name: string;
  start(folder: string): Promise<{ readonly to: string; stop(): Promise<void> }>;
}

const KEY = "key-of-the-bench";
process.env.TAILREC_STORE_SECRET = KEY;
const stop = async () => undefined;
const engines: readonly Engine[] = [
  { name: "sqlite", start: async (folder) => ({ to: `sqlite:${join(folder, "items.db")}`, stop }) },
  { name: "lancedb", start: async (folder) => ({ to: `lancedb:${join(folder, "lance")}`, stop }) },
  {
    name: "postgres",
    start: async () => {
      const server = await startPostgres();
      return { to: `postgresql://postgres@127.0.0.1:${server.port}/postgres`, stop: server.stop };
    },
  },
  ...(program === undefined ? [] : [{ name: "weaviate", start: weaviate }]),
];

async function weaviate() {
  const server = await startWeaviate(KEY);
  return { to: `weaviate://127.0.0.1:${server.port}`, stop: server.stop };
}

type StoreFigure = Omit<Figure, "unit">;

const MOVED = 0.05;

/** Figures of one purpose in one store. */
async function measure(engine: string, to: string, purpose: Purpose): Promise<StoreFigure[]> {
  const timed = async (folder: string, moved?: number) => {
    const begin = performance.now();
    const answer = await pushBundle(folder, { to, purpose, moved, timeoutSeconds: 600 });
    return { ...answer, seconds: (performance.now() - begin) / 1000 };
  };
  const recallOf = async (folder: string, moved?: number) => {
    const { recall } = await pushBundle(folder, { to, purpose, moved, only: "verify" });
    if (recall === undefined) throw new Error("expected a recall");
    return recall;
  };
  const { items, dimension, seconds } = await timed(bundle);
  const { plain, filtered, filterShare } = await recallOf(bundle);
  const again = updated === undefined ? undefined : await timed(updated, MOVED);
  const after = updated === undefined ? undefined : await recallOf(updated, MOVED);
  const moved = again && after && { sent: again.sent, movedSeconds: again.seconds, movedPlain: after.plain };
  const name = `${items} x ${dimension}, ${purpose}`;
  const values = { seconds, plain, filtered, filterShare, ...moved };
  const words = Object.entries(values).map(([metric, value]) => `${metric} ${value.toFixed(4)}`);
  console.log([name, engine, ...words].join("  "));
  return Object.entries(values).map(([metric, value]) => ({ case: name, engine, metric, value }));
}

const { values: asked, positionals } = parseArgs({
  options: { only: { type: "string" }, for: { type: "string" } },
  allowPositionals: true,
});
const [bundle, updated] = positionals.map((path) => resolve(path));
const results = join(import.meta.dirname, "results", "stores.json");
// Beside the packages of the stores.
process.chdir(join(import.meta.dirname, "..", "test", "stores"));
const folder = await mkdtemp(join(tmpdir(), "tailrec-stores-"));
try {
  for (const engine of engines.filter(({ name }) => [undefined, name].includes(asked.only))) await measureIn(engine);
} finally {
  await rm(folder, { recursive: true });
}

/** Starts a store, keeps the figures of each purpose as they come, and stops it whatever happens. */
async function measureIn({ name, start }: Engine): Promise<void> {
  const server = await start(folder);
  try {
    for (const purpose of purposes.filter((one) => [undefined, one].includes(asked.for as Purpose | undefined))) {
      const figures = await measure(name, server.to, purpose);
      const [first] = figures;
      replaceFigures(results, (figure) => figure.case === first.case && figure.engine === name, figures);
    }
  } finally {
    await server.stop();
  }
}
