/** Items through a worker: the vectors of one machine, whatever the order, the batches and the poison among the rows. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPipeline, type Pipeline } from "../../src/config.ts";
import { ingestItems } from "../../src/data/ingest/ingest.ts";
import { inputDigests } from "../../src/execution/encoded-rows.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { type EncodedCatalog, encodeCatalog } from "../../src/features/encode-catalog.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { openRecommender } from "../../src/serving/recommender.ts";
import { type JobRequest, jobKindNamed } from "../../src/worker/job-kinds.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";
import { arrowBytes, type Columns, work } from "./arrow-bytes.ts";

interface Item {
  readonly item_id: string | null;
  readonly title: string;
  readonly description?: string;
  readonly image?: string;
  readonly brand: string;
  readonly category: string;
  readonly price?: number;
}

let folder: string;
let pipeline: Pipeline;
let items: readonly Item[];
let whole: EncodedCatalog;

const request = { by: "user", count: 10, images: tiny } as const satisfies JobRequest;
const open = (name: string, more: Partial<JobRequest>) => jobKindNamed(name).open({ ...request, ...more }, {});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-"));
  await writeFile(join(folder, "tiny.yaml"), tinyPipeline(tiny, join(folder, "out")));
  pipeline = await loadPipeline(join(folder, "tiny.yaml"));
  const lines = (await readFile(join(tiny, "items.jsonl"), "utf8")).trim().split("\n");
  items = lines.map((line) => JSON.parse(line) as Item);
  const { catalog } = await ingestItems(pipeline.config.data.items, { folder: pipeline.folder });
  whole = await encodeCatalog(catalog, pipeline.config.features, { folder: pipeline.folder });
  await runPipeline(pipeline.config, { folder: pipeline.folder, evaluate: false });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function columnsOf(rows: readonly Item[]): Columns {
  const text = (cellOf: (item: Item) => string | null | undefined) =>
    ({ type: "text", cells: rows.map((item) => cellOf(item) ?? null) }) as const;
  return {
    item_id: text((item) => item.item_id),
    title: text((item) => item.title),
    description: text((item) => item.description),
    image: text((item) => item.image),
    brand: text((item) => item.brand),
    category: text((item) => item.category),
    price: text((item) => item.price?.toString()),
  };
}

describe("the job encode", () => {
  it("gives the vectors of the single machine in any order and any batches", async () => {
    const shuffled = items.map((_, i) => items[(i * 7 + 3) % items.length]);
    for (const [cuts, batch] of [[[], 4096] as const, [[1, 6], 3] as const, [[], 1] as const]) {
      const job = await open("encode", { pipeline });
      const { rows, counts } = await work(job, arrowBytes(columnsOf(shuffled), cuts), batch);
      await job.close();
      expect(counts).toEqual({ rows: items.length, quarantined: 0 });
      for (const [i, row] of rows.entries()) {
        const place = items.indexOf(shuffled[i]);
        expect(row.id).toBe(items[place].item_id);
        for (const name of ["text", "image"] as const) {
          const block = whole[name];
          const expected = block?.presence[place] === 1 ? Array.from(rowOf(block.vectors, place)) : null;
          expect(row[name]).toEqual(expected);
        }
      }
    }
  });

  it("says by a digest whether an item is still what was encoded", async () => {
    const { catalog } = await ingestItems(pipeline.config.data.items, { folder: pipeline.folder });
    const job = await open("encode", { pipeline });
    const { rows } = await work(job, arrowBytes(columnsOf(items)));
    const changed = items.map((item) => ({ ...item, description: `${item.description ?? ""} New.` }));
    const { rows: later } = await work(job, arrowBytes(columnsOf(changed)));
    await job.close();
    expect(rows.map(({ input }) => input)).toEqual(inputDigests(catalog));
    for (const [i, { input }] of later.entries()) expect(input).not.toBe(rows[i].input);
  });

  it("sets poisoned rows aside with the reason and encodes their neighbours", async () => {
    const poisoned = items.map((item, i) => {
      if (i === 2) return { ...item, item_id: null };
      return i === 4 ? { ...item, image: "images/none.webp" } : item;
    });
    const job = await open("encode", { pipeline });
    const { rows, counts } = await work(job, arrowBytes(columnsOf(poisoned)));
    await job.close();
    expect(counts).toEqual({ rows: items.length, quarantined: 2 });
    expect(rows[2]).toMatchObject({ id: null, text: null, quarantine: "missing item_id" });
    expect(JSON.parse(String(rows[4].quarantine))).toMatchObject([{ block: "image", code: "FILE_NOT_FOUND" }]);
    expect(rows[4].image).toBeNull();
    expect(rows[4].text).not.toBeNull();
    expect(rows.filter((_, i) => i !== 2 && i !== 4).every(({ quarantine }) => quarantine === null)).toBe(true);
  });
});

describe("the job features", () => {
  it("gives the vectors that `tailrec embed` gives, in any batches", async () => {
    const bundle = join(folder, "out", "bundle");
    const recommender = await openRecommender(bundle);
    const embedded = await recommender.embed({ items: join(tiny, "items.jsonl") });
    await recommender.close();
    for (const batch of [4096, 5]) {
      const job = await open("features", { bundle });
      const { rows } = await work(job, arrowBytes(columnsOf(items)), batch);
      await job.close();
      expect(rows.map(({ id }) => id)).toEqual(items.map(({ item_id }) => item_id));
      for (const [i, row] of rows.entries()) {
        expect(row.vector).toEqual(Array.from(rowOf(embedded.vectors, i)));
        expect(row.uncertainty).toBe(embedded.items[i].uncertainty);
        expect(row.caveats).toEqual(embedded.items[i].caveats);
      }
    }
  });
});
