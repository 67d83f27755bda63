/**
 * `npm run bench:closeness -- shop 300 600`: how near a run whose regressor is fitted on a sample of the items, and on the sums of all,
 * comes to the run on all of them. Cosines of priors, item vectors and user vectors, with settings chosen anew and with those of the
 * exact run. Columns in place of fields: sums are taken of columns alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadBundle } from "../src/bundle/bundle.ts";
import { loadPipeline, type PipelineConfig, parsePipeline } from "../src/config.ts";
import { runPipeline } from "../src/experiment/pipeline.ts";
import type { HybridModel } from "../src/hybrid/hybrid.ts";
import type { HybridSettings } from "../src/hybrid/settings/hybrid-settings.ts";
import { type Matrix, rowOf } from "../src/math/matrix.ts";
import { mean } from "../src/math/statistics.ts";

const [name = "shop", ...sizes] = process.argv.slice(2);
const { config, folder } = await loadPipeline(join("pipelines", `${name}.yaml`));
const { data, collaborative, embeddings } = config;
const output = mkdtempSync(join(tmpdir(), "tailrec-closeness-"));
const { features } = parsePipeline(
  JSON.stringify({ name, data, features: { text: config.features.text, lexical: {}, attributes: {} }, output }),
  name,
);
const columns = { ...config, features: { ...features, image: config.features.image }, collaborative, output };

interface Served {
  readonly model: HybridModel;
  readonly settings: HybridSettings;
}

async function served(maximumItems: number, chosen: Partial<PipelineConfig["embeddings"]> = {}): Promise<Served> {
  const regressor = { ...config.regressor, kind: "ridge", maximumItems };
  const asked = { ...columns, regressor, embeddings: { ...embeddings, ...chosen } };
  const context = { folder, evaluate: false, cacheFolder: join(".cache", "tailrec") };
  const { settings, bundleFolder } = await runPipeline(asked, context);
  return { settings, model: (await loadBundle(bundleFolder)).model };
}

/** Ascending. */
function cosines(a: Matrix, b: Matrix): Float64Array {
  const of = (i: number): number => {
    const [x, y] = [rowOf(a, i), rowOf(b, i)];
    const product = (p: Float32Array, q: Float32Array) => p.reduce((sum, value, d) => sum + value * q[d], 0);
    return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
  };
  return Float64Array.from({ length: a.rows }, (_, i) => of(i)).sort();
}

const PARTS = {
  prior: ({ prior }: HybridModel) => prior,
  items: (model: HybridModel) => model.embeddings.vectors,
  users: (model: HybridModel) => model.userVectors,
};

/** The settings as options, so that nothing is left to choose. */
function asOptions({ trials: _, regressorKind: _kind, channelWeight, ...rest }: HybridSettings) {
  return { ...rest, channel: embeddings.channel && { ...embeddings.channel, weight: channelWeight } };
}

try {
  const exact = await served(Number.MAX_SAFE_INTEGER);
  console.log("| items held | settings | part | least cosine | first hundredth | mean |\n|---|---|---|---|---|---|");
  for (const size of sizes.map(Number)) {
    for (const [words, options] of [
      ["chosen anew", {}],
      ["as chosen", asOptions(exact.settings)],
    ] as const) {
      const { model } = await served(size, options);
      for (const [part, of] of Object.entries(PARTS)) {
        const all = cosines(of(exact.model), of(model));
        const shown = [all[0], all[Math.floor(all.length / 100)], mean(all)].map((value) => value.toFixed(5));
        console.log(`| ${size} | ${words} | ${part} | ${shown.join(" | ")} |`);
      }
    }
  }
} finally {
  rmSync(output, { recursive: true, force: true });
}
