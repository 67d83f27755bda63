/**
 * One run of a pipeline in a process of its own: `tsx bench/scale-run.ts pipeline.yaml OUT CACHE [--no-evaluate]`. Prints one JSON
 * document: wall, CPU and peak memory, in all and by stage, sampled eight times a second.
 */
import { loadPipeline } from "../src/config.ts";
import { runPipeline } from "../src/experiment/pipeline.ts";
import type { Progress } from "../src/run-context.ts";

const [file, output, cacheFolder, ...flags] = process.argv.slice(2);
const evaluate = !flags.includes("--no-evaluate");
const { config, folder } = await loadPipeline(file);
const stages: Record<string, { cpu: number; peak: number }> = {};
let [stage, last] = ["read", 0];

function sample(): void {
  const { user, system } = process.cpuUsage();
  const cpu = (user + system) / 1e6;
  const known = stages[stage] ?? { cpu: 0, peak: 0 };
  stages[stage] = { cpu: known.cpu + cpu - last, peak: Math.max(known.peak, process.memoryUsage.rss() / 2 ** 20) };
  last = cpu;
}

const onProgress = ({ run }: Progress) => {
  const next = run?.now.split(", ").at(-1) || stage;
  if (next === stage) return;
  sample();
  stage = next;
};
const started = performance.now();
const timer = setInterval(sample, 125);
const { seconds, reports } = await runPipeline({ ...config, output }, { folder, cacheFolder, onProgress, evaluate });
clearInterval(timer);
sample();
const figures = reports.map(({ protocol, results }) => ({
  protocol: protocol.kind,
  figures: Object.fromEntries(
    results
      .filter(({ metric, slice, candidates }) => metric === "ndcg@10" && slice === "all" && candidates === "catalog")
      .map(({ model, value }) => [model, value]),
  ),
}));
const wall = (performance.now() - started) / 1000;
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ wall, cpu: last, peak, seconds, stages, figures }));
