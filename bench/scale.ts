/**
 * `npm run bench:scale [-- --large --huge --again]`: whole runs of growing catalogs, and beside each what a user would put together in Python
 * (scale-peer.py), in turns. Wall, CPU and peak memory by stage, and the exponents with which they grow with the pairs. What the file
 * holds already is not measured again, so that a broken series goes on; `--large` adds 300,000 x 100,000, `--huge` a million users without an evaluation.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ScaleSize, scaleCatalog } from "./scale-data.ts";
import { type ScaleRun, scaleReport } from "./scale-report.ts";

const SIZES: readonly ScaleSize[] = [
  { name: "4,000 x 1,250", users: 4_000, items: 1_250, pairs: 75_000 },
  { name: "15,000 x 5,000", users: 15_000, items: 5_000, pairs: 300_000 },
  { name: "60,000 x 20,000", users: 60_000, items: 20_000, pairs: 1_200_000 },
];
const LARGE: ScaleSize = { name: "300,000 x 100,000", users: 300_000, items: 100_000, pairs: 6_000_000 };
/** Nothing is evaluated; it stands apart in the report. */
const HUGE: ScaleSize = {
  name: "1,000,000 x 200,000",
  users: 1_000_000,
  items: 200_000,
  pairs: 50_000_000,
  isParquet: true,
};

const { values } = parseArgs({
  options: {
    large: { type: "boolean", default: false },
    huge: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
  },
});
const here = import.meta.dirname;
const results = join(here, "results", "scale.json");
const work = join(here, "..", "out", "bench-scale");
const python = join(here, ".venv", "bin", "python");
const hasPeer = spawnSync(python, ["-c", "import implicit, onnxruntime, sklearn, tokenizers"]).status === 0;
const known: ScaleRun[] = existsSync(results) && !values.again ? JSON.parse(readFileSync(results, "utf8")).runs : [];
const runs = [...known];
mkdirSync(work, { recursive: true });
const asked = [...SIZES, ...(values.large ? [LARGE] : []), ...(values.huge ? [HUGE] : [])];
for (const size of asked) {
  const file = await scaleCatalog(work, size);
  const folder = join(file, "..");
  const output = join(work, "run");
  const run = [process.execPath, "--import", "tsx", join(here, "scale-run.ts"), file, output, join(folder, "cache")];
  const peer = [python, join(here, "scale-peer.py"), folder, join(here, "..", "models", "tailrec-text-small")];
  const engines: readonly (readonly [string, readonly string[]])[] =
    size === HUGE
      ? [["tailrec, nothing evaluated", [...run, "--no-evaluate"]]]
      : [["tailrec", run], ...(hasPeer ? [["peer", peer] as const] : [])];
  for (const [engine, [command, ...args]] of engines) {
    if (runs.some((run) => run.size === size.name && run.engine === engine)) continue;
    rmSync(output, { recursive: true, force: true });
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(`${engine} on ${size.name}: ${stderr}`);
    runs.push({ size: size.name, pairs: size.pairs, engine, ...JSON.parse(stdout.trim().split("\n").at(-1) ?? "") });
    writeResults();
  }
}
writeResults();
console.log(readFileSync(results.replace(".json", ".md"), "utf8"));

/** Small ones first, in whatever order they were measured. */
function writeResults(): void {
  const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  runs.sort((a, b) => a.pairs - b.pairs || b.engine.localeCompare(a.engine));
  writeFileSync(results, `${JSON.stringify({ machine, runs }, null, 1)}\n`);
  writeFileSync(results.replace(".json", ".md"), scaleReport(machine, runs));
}
