/**
 * `npm run bench:models-peer [-- DATASET ...]`: EASE and Mult-VAE against their authors' formulas in numpy (models-peer.py). Both
 * have the warm-tail split of seed 1 and the same options. Writes bench/results/models-peer.json. Needs bench/.venv with numpy.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { epochsOf, userRows } from "../src/baselines/autoencoder.ts";
import { ease } from "../src/baselines/ease.ts";
import { vae, vaeOptionsSchema } from "../src/baselines/vae.ts";
import { loadPipeline } from "../src/config.ts";
import { ingest } from "../src/data/ingest/ingest.ts";
import type { Interactions } from "../src/data/interactions.ts";
import { splitWarmTail, warmTailOptionsSchema } from "../src/data/splits/split.ts";
import { evaluate } from "../src/evaluation/evaluate.ts";
import type { ScoredContender } from "../src/evaluation/ranking/scorer.ts";
import { type Figure, replaceFigures } from "./figures.ts";

const root = resolve(import.meta.dirname, "..");
const python = join(import.meta.dirname, ".venv", "bin", "python");
const METRIC = "ndcg@10";
const SEEDS = [1, 2];
const DATASETS = ["shop", "amazon-scientific", "movielens-small"];

const { hidden, latent, batch, learningRate, dropout, klCap, annealing, epochs: auto } = vaeOptionsSchema.parse({});
const shared = { hidden, latent, batch, dropout, annealing };

async function compare(dataset: string): Promise<Figure[]> {
  const { config, folder } = await loadPipeline(join(root, "pipelines", `${dataset}.yaml`));
  const { interactions } = await ingest(config.data, { folder });
  const { train, test } = splitWarmTail(interactions, warmTailOptionsSchema.parse({ kind: "latest", seed: 1 }));
  const files = mkdtempSync(join(tmpdir(), "tailrec-bench-peer-"));
  writeFileSync(join(files, "train.tsv"), linesOf(train));
  writeFileSync(join(files, "test.tsv"), linesOf(test));
  const peer = (model: string, options: object): number => {
    const parts = [files, String(train.rows), String(train.columns), model, JSON.stringify(options)];
    const output = execFileSync(python, [join(import.meta.dirname, "models-peer.py"), ...parts], { encoding: "utf8" });
    return JSON.parse(output).ndcg;
  };
  const own = async (contender: ScoredContender): Promise<number> => {
    const { results } = await evaluate({ train, test, contenders: [contender] }, { metrics: [METRIC], resamples: 100 });
    return results.find(({ slice, candidates }) => slice === "all" && candidates === "catalog")?.value ?? Number.NaN;
  };
  const figures: Figure[] = [];
  const add = (model: string, engine: "tailrec" | "numpy", value: number) => {
    console.log(`${dataset}, ${model}, ${engine}: ${value.toFixed(4)}`);
    figures.push({ case: `${dataset}/${model}`, engine, metric: METRIC, value, unit: "" });
  };
  const epochs = epochsOf({ epochs: auto, batch }, userRows(train).active.length);
  add("ease, l = 100", "tailrec", await own(await ease(train, { regularization: 100 })));
  add("ease, l = 100", "numpy", peer("ease", { regularization: 100 }));
  for (const seed of SEEDS) {
    add(`vae, seed ${seed}`, "tailrec", await own(await vae(train, { ...shared, epochs, learningRate, klCap, seed })));
    add(
      `vae, seed ${seed}`,
      "numpy",
      peer("vae", { ...shared, epochs, learning_rate: learningRate, cap: klCap, seed }),
    );
  }
  rmSync(files, { recursive: true });
  return figures;
}

function linesOf({ rows, indptr, indices }: Interactions): string {
  const lines: string[] = [];
  for (let user = 0; user < rows; user++) {
    for (const item of indices.subarray(indptr[user], indptr[user + 1])) lines.push(`${user}\t${item}\n`);
  }
  return lines.join("");
}

const path = join(import.meta.dirname, "results", "models-peer.json");
const named = process.argv.slice(2);
for (const dataset of named.length > 0 ? named : DATASETS) {
  replaceFigures(path, (figure) => figure.case.startsWith(`${dataset}/`), await compare(dataset));
}
