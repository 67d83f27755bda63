/**
 * `npm run bench:features [-- CASE ... --rounds N --items N]`: encoding speed against a bare onnxruntime loop and an item-by-item
 * pipeline (`minilm`, `resnet50`), the cost of a run that finds everything in the cache (`rerun`), memory and main thread over
 * 100,000 items (`soak`), sparse fields and a regressor on them over as many (`fields`). Without a case: the first three. The results of other cases stay in the files.
 */
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { quantile } from "../src/math/statistics.ts";
import type { CacheFigure } from "./feature-cache.ts";
import { type BenchEncoder, benchEncoder } from "./feature-encoders.ts";
import type { EngineRun } from "./feature-engine.ts";
import { pictureCatalog } from "./feature-inputs.ts";
import { reportFeatures } from "./feature-report.ts";
import type { Figure } from "./figures.ts";

/** Items of tailrec and the bare loops; the item-by-item pipeline gets a quarter. */
const SPEED_CASES: Readonly<Record<string, { readonly encoder: BenchEncoder; readonly items: number }>> = {
  minilm: { encoder: "minilm", items: 2000 },
  resnet50: { encoder: "resnet50", items: 160 },
};
const CACHE_CASES = {
  rerun: { encoder: "minilm", items: 50_000 },
  soak: { encoder: "tiny", items: 100_000 },
} as const satisfies Record<string, { readonly encoder: BenchEncoder; readonly items: number }>;
const FIELDS_ITEMS = 100_000;
const WORK: Readonly<Record<string, string>> = { minilm: "tokens", resnet50: "pictures" };
const ENGINES = ["bare-onnxruntime", "tailrec", "bare-onnxruntime-1-session", "one-at-a-time"] as const;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" }, items: { type: "string" } },
});
/** Encoders and pictures are kept between calls. */
const folder = join(tmpdir(), "tailrec-bench-features");

for (const name of positionals.length > 0 ? positionals : ["minilm", "resnet50", "rerun"]) {
  if (name in SPEED_CASES) await speedCase(name);
  else if (name === "rerun" || name === "soak") cacheCase(name);
  else if (name === "fields") fieldsCase();
  else throw new Error(`expected minilm, resnet50, rerun, soak or fields, received ${name}`);
}

async function speedCase(name: string): Promise<void> {
  const { encoder, items } = SPEED_CASES[name];
  const count = values.items === undefined ? items : Number(values.items);
  const manifest = benchEncoder(folder, encoder);
  const pictures = join(folder, "pictures");
  if (encoder === "resnet50") await pictureCatalog(pictures, count);
  const runs = new Map<string, EngineRun[]>(ENGINES.map((engine) => [engine, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const engine of ENGINES) {
      const own = engine === "one-at-a-time" ? Math.ceil(count / 4) : count;
      const request = { engine, encoder: manifest, items: own, folder: pictures };
      const run = inChild<EngineRun>("feature-engine.ts", request);
      runs.get(engine)?.push(run);
      const cpu = (run.work / run.cpuSeconds).toFixed(1);
      console.log(
        `${name} ${engine} round ${round + 1}: ${(run.work / run.seconds).toFixed(1)}/s, ${cpu} a processor second`,
      );
    }
  }
  reportFeatures(name, speedFigures(name, runs));
}

function speedFigures(name: string, runs: ReadonlyMap<string, readonly EngineRun[]>): Figure[] {
  const rates = new Map([...runs].map(([engine, each]) => [engine, ratesOf(each)]));
  const bare = ["bare-onnxruntime", "bare-onnxruntime-1-session"].map((engine) => rates.get(engine));
  const best = (key: "wall" | "cpu"): number => Math.max(...bare.map((rate) => rate?.[key] ?? 0));
  return [...rates].flatMap(([engine, { wall, cpu }]) => {
    const figure = (metric: string, value: number, unit: string): Figure => ({
      case: name,
      engine,
      metric,
      value,
      unit,
    });
    return [
      figure(`${WORK[name]}PerSecond`, wall, "/s"),
      figure("ofBestBare", wall / best("wall"), ""),
      figure(`${WORK[name]}PerCpuSecond`, cpu, "/s"),
      figure("ofBestBareCpu", cpu / best("cpu"), ""),
    ];
  });
}

/** Work in a second of wall time, and of one core's processor time: medians over the rounds. */
function ratesOf(runs: readonly EngineRun[]): { readonly wall: number; readonly cpu: number } {
  const median = (rates: readonly number[]): number =>
    quantile(
      rates.toSorted((a, b) => a - b),
      0.5,
    );
  return {
    wall: median(runs.map(({ work, seconds }) => work / seconds)),
    cpu: median(runs.map(({ work, cpuSeconds }) => work / cpuSeconds)),
  };
}

function cacheCase(name: keyof typeof CACHE_CASES): void {
  const { encoder, items } = CACHE_CASES[name];
  const request = { job: name, encoder: benchEncoder(folder, encoder), items: Number(values.items ?? items) };
  const figures = inChild<readonly CacheFigure[]>("feature-cache.ts", request);
  reportFeatures(
    name,
    figures.map((figure) => ({ case: name, engine: "tailrec", ...figure })),
  );
}

function fieldsCase(): void {
  const request = { items: Number(values.items ?? FIELDS_ITEMS) };
  const figures = inChild<readonly CacheFigure[]>("feature-fields.ts", request);
  reportFeatures(
    "fields",
    figures.map((figure) => ({ case: "fields", engine: "tailrec", ...figure })),
  );
}

function inChild<T>(program: string, request: unknown): T {
  const line = ["--import", "tsx", join(import.meta.dirname, program), JSON.stringify(request)];
  const output = execFileSync(process.execPath, line, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}
