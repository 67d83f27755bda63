/**
 * `npm run bench:models-peer [-- DATASET [CASE ...]]`: EASE, Mult-VAE and LightGCN against their authors' formulas in numpy
 * (models-peer.py). Both have the warm-tail split of seed 1 and the same options. Cases are `ease`, `vae-1` and `lightgcn-1`, the number
 * being any seed. Writes bench/results/models-peer.json after each. Needs bench/.venv with numpy and scipy.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { epochsOf, userRows } from "../src/baselines/autoencoder.ts";
import { ease } from "../src/baselines/ease.ts";
import { lightgcn, lightgcnOptionsSchema } from "../src/baselines/lightgcn.ts";
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
/** That of every other table, and that of Liang et al., which moves less with the seed. */
const METRICS = ["ndcg@10", "ndcg@100"] as const;
/** Where no case is named. */
const SEEDS = [1, 2];
const DATASETS = ["shop", "amazon-scientific", "movielens-small"];

const { hidden, latent, batch, learningRate, dropout, klCap, annealing, epochs: auto } = vaeOptionsSchema.parse({});
const path = join(import.meta.dirname, "results", "models-peer.json");
const graph = lightgcnOptionsSchema.omit({ seed: true }).parse({});
const { learningRate: _, ...sharedOfGraph } = graph;
const shared = { hidden, latent, batch, dropout, annealing };

/** One model by both programs. */
interface Case {
  readonly name: string;
  /** As tables have it. */
  readonly title: string;
  readonly own: () => Promise<ScoredContender>;
  readonly peer: readonly [model: string, options: object];
}

function casesOf(train: Interactions, named: readonly string[]): Case[] {
  const epochs = epochsOf({ epochs: auto, batch }, userRows(train).active.length);
  const regularization = 100;
  return [
    {
      name: "ease",
      title: `ease, l = ${regularization}`,
      own: () => ease(train, { regularization }),
      peer: ["ease", { regularization }],
    },
    ...seedsOf("vae", named).map((seed) => ({
      name: `vae-${seed}`,
      title: `vae, seed ${seed}`,
      own: () => vae(train, { ...shared, epochs, learningRate, klCap, seed }),
      peer: ["vae", { ...shared, epochs, learning_rate: learningRate, cap: klCap, seed }] as const,
    })),
    ...seedsOf("lightgcn", named).map((seed) => ({
      name: `lightgcn-${seed}`,
      title: `lightgcn, seed ${seed}`,
      own: () => lightgcn(train, { ...graph, seed }),
      peer: ["lightgcn", { ...sharedOfGraph, learning_rate: graph.learningRate, seed }] as const,
    })),
  ];
}

function seedsOf(model: string, named: readonly string[]): readonly number[] {
  const seeds = named
    .filter((name) => name.startsWith(`${model}-`))
    .map((name) => Number(name.slice(model.length + 1)));
  return named.length > 0 ? seeds : SEEDS;
}

async function compare(dataset: string, named: readonly string[]): Promise<void> {
  const { config, folder } = await loadPipeline(join(root, "pipelines", `${dataset}.yaml`));
  const { interactions } = await ingest(config.data, { folder });
  const { train, test } = splitWarmTail(interactions, warmTailOptionsSchema.parse({ kind: "latest", seed: 1 }));
  const files = mkdtempSync(join(tmpdir(), "tailrec-bench-peer-"));
  writeFileSync(join(files, "train.tsv"), linesOf(train));
  writeFileSync(join(files, "test.tsv"), linesOf(test));
  const ofPeer = ([model, options]: Case["peer"]): readonly number[] => {
    const parts = [files, String(train.rows), String(train.columns), model, JSON.stringify(options)];
    const output = execFileSync(python, [join(import.meta.dirname, "models-peer.py"), ...parts], { encoding: "utf8" });
    return JSON.parse(output).ndcg;
  };
  const ofOwn = async (contender: ScoredContender): Promise<readonly number[]> => {
    const { results } = await evaluate(
      { train, test, contenders: [contender] },
      { metrics: [...METRICS], resamples: 100 },
    );
    const all = results.filter(({ slice, candidates }) => slice === "all" && candidates === "catalog");
    return METRICS.map((metric) => all.find((result) => result.metric === metric)?.value ?? Number.NaN);
  };
  for (const { name, title, own, peer } of casesOf(train, named)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const place = { case: `${dataset}/${title}`, unit: "" };
    const measured = { tailrec: await ofOwn(await own()), numpy: ofPeer(peer) };
    const fresh: Figure[] = Object.entries(measured).flatMap(([engine, values]) =>
      METRICS.map((metric, m) => ({ ...place, engine, metric, value: values[m] })),
    );
    for (const { engine, metric, value } of fresh)
      console.log(`${place.case}, ${engine}, ${metric}: ${value.toFixed(4)}`);
    replaceFigures(path, (figure) => figure.case === place.case, fresh);
  }
  rmSync(files, { recursive: true });
}

function linesOf({ rows, indptr, indices }: Interactions): string {
  const lines: string[] = [];
  for (let user = 0; user < rows; user++) {
    for (const item of indices.subarray(indptr[user], indptr[user + 1])) lines.push(`${user}\t${item}\n`);
  }
  return lines.join("");
}

const [dataset, ...named] = process.argv.slice(2);
for (const one of dataset === undefined ? DATASETS : [dataset]) await compare(one, named);
