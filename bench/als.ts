/**
 * `npm run bench:als [-- CASE ... --skip ENGINE ...]`: seconds per epoch, time to 1 % of the best loss, final loss and memory
 * of tailrec's ALS and its peers, on the same data, in turns, two threads. Cases are SIZE/RANK; without any, S/64 S/128
 * M/64. The results of other cases stay in the files.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { SparseMatrix } from "../src/math/matrix.ts";
import { generateInteractions, writeInteractions, writeStart } from "./als-data.ts";
import { type EngineRequest, type EngineRun, installedPeers, lossAfter, runEngine } from "./als-engines.ts";
import { type EngineResult, reportAls } from "./als-report.ts";

const SIZES = {
  S: { users: 6_000, items: 4_000, interactions: 1_000_000, epochs: 15, rounds: 3 },
  M: { users: 140_000, items: 20_000, interactions: 10_000_000, epochs: 8, rounds: 2 },
} as const;

const TAILREC: Readonly<Record<string, Partial<EngineRequest>>> = {
  tailrec: { solver: "cg" },
  "tailrec-2-steps": { solver: "cg", steps: 2 },
  "tailrec-avx2": { solver: "cg", instructionSet: "avx2" },
  "tailrec-1-thread": { solver: "cg", threads: 1 },
  "tailrec-cholesky": { solver: "cholesky" },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { skip: { type: "string", multiple: true, default: [] } },
});
for (const name of positionals.length > 0 ? positionals : ["S/64", "S/128", "M/64"]) reportAls(await runCase(name));

async function runCase(name: string): Promise<EngineResult[]> {
  const [size, rank] = name.split("/");
  if (size !== "S" && size !== "M") throw new Error(`expected a case such as S/64 or M/128, received ${name}`);
  const folder = mkdtempSync(join(tmpdir(), "tailrec-bench-als-"));
  try {
    const interactions = generateInteractions(SIZES[size]);
    writeInteractions(folder, interactions);
    writeStart(folder, SIZES[size].items, Number(rank));
    const base = { folder, rank: Number(rank), epochs: SIZES[size].epochs, threads: 2, trace: false, ...problem(size) };
    const engines = [...Object.keys(TAILREC), ...installedPeers()].filter((engine) => !values.skip.includes(engine));
    const requests = engines.map((engine) => ({ ...base, ...TAILREC[engine], engine }));
    return await race(name, requests, SIZES[size].rounds, interactions);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function problem(size: keyof typeof SIZES) {
  const { users, items } = SIZES[size];
  return { users, items, confidence: 4, unobservedWeight: 1, regularization: 5 };
}

/** The engines one after the other, round by round; the first round's factors of every epoch give the losses. */
async function race(
  name: string,
  requests: readonly EngineRequest[],
  rounds: number,
  interactions: SparseMatrix,
): Promise<EngineResult[]> {
  const runs = requests.map((): EngineRun[] => []);
  const losses = requests.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [e, request] of requests.entries()) {
      const trace = round === 0 && !request.engine.startsWith("cmfrec");
      // The slow engines' seconds vary little: one round of them is enough.
      if (round > 0 && request.engine.endsWith("cholesky")) continue;
      runs[e].push(runEngine({ ...request, trace }));
      console.log(`${name} ${request.engine} round ${round + 1} of ${rounds}: ${runs[e].at(-1)?.seconds.at(-1)} s`);
      if (round === 0) losses[e] = await lossesOf({ ...request, trace }, interactions);
    }
  }
  return requests.map(({ engine }, e) => ({ case: name, engine, runs: runs[e], losses: losses[e] }));
}

async function lossesOf(request: EngineRequest, interactions: SparseMatrix): Promise<number[]> {
  const losses: number[] = [];
  for (let epoch = request.trace ? 0 : request.epochs - 1; epoch < request.epochs; epoch++) {
    losses.push(await lossAfter(request, epoch, interactions));
  }
  return losses;
}
