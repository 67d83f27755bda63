/** The examples of stores run as they stand, on the tiny shop. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { root } from "../cli/tailrec.ts";
import { tiny } from "../cli/tiny-pipeline.ts";
import { startPostgres } from "./postgres-server.ts";
import { startQdrant } from "./qdrant-server.ts";

let base: string;
let bundle: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-examples-"));
  const text = `name: tiny
data:
  interactions: { path: ${join(tiny, "events.csv")} }
  items:
    path: ${join(tiny, "items.jsonl")}
    columns: { title: title }
    attributes: [{ column: category, kind: category }, { column: price, kind: price }]
features: { text: null, image: null, lexical: { dimension: 8 } }
collaborative: { rank: 6, iterations: 4 }
output: ${join(base, "out")}
`;
  bundle = (await runPipeline(parsePipeline(text, "tiny.yaml"), { folder: base, evaluate: false })).bundleFolder;
});
afterAll(() => rm(base, { recursive: true }));

/** In this folder, beside whose packages the clients are. */
async function example(name: string, to: string, secret: string): Promise<string> {
  const env = { ...process.env, TAILREC_STORE_SECRET: secret };
  const tsx = createRequire(join(root, "package.json")).resolve("tsx/cli");
  const words = [tsx, join(root, "examples", name), to, bundle, "001"];
  return (await promisify(execFile)(process.execPath, words, { cwd: import.meta.dirname, env })).stdout;
}

describe("the examples of stores", () => {
  it("pgvector: pushes, lists under a price, and the page's own query finds the same", async () => {
    const { port, stop } = await startPostgres();
    const to = `postgresql://postgres@127.0.0.1:${port}/postgres`;
    const printed = await example("pgvector.ts", to, "unused");
    expect(printed).toMatch(/^12 items, 12 sent, recall@10 1\.00\n(\d\.\d{3} \S+ .+\n){3}$/);
    const { default: pg } = (await import("pg" as string)) as {
      default: { Client: new (options: object) => PgClient };
    };
    const client = new pg.Client({ connectionString: to, password: "unused" });
    await client.connect();
    const query = await readFile(join(root, "examples", "pgvector.sql"), "utf8");
    const { rows } = await client.query(query, ["001", 100]);
    await client.end();
    await stop();
    expect(rows.map(({ id }) => id)).toEqual(
      printed
        .split("\n")
        .slice(1, 4)
        .map((line) => line.split(" ")[1]),
    );
  });

  it("Qdrant: pushes, and the page asks over HTTP", async () => {
    const server = await startQdrant("a key");
    const printed = await example("qdrant.ts", `qdrant://127.0.0.1:${server.port}`, "a key");
    await server.stop();
    expect(printed).toMatch(/^12 items, 12 sent\n(\d\.\d{3} \S+ .+\n){3}$/);
    expect(server.invalid).toEqual([]);
  });
});

interface PgClient {
  connect(): Promise<unknown>;
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly { readonly id: string }[] }>;
  end(): Promise<void>;
}
