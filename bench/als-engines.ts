/** The engines of the ALS benchmark, each run in a child process, and the loss of what they leave, computed here for all. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alsObjective } from "../src/als/objective.ts";
import type { Matrix, SparseMatrix } from "../src/math/matrix.ts";

export interface EngineRequest {
  readonly engine: string;
  /** Holds the interactions; receives EPOCH.users.f32 and EPOCH.items.f32. */
  readonly folder: string;
  readonly users: number;
  readonly items: number;
  readonly rank: number;
  readonly epochs: number;
  readonly threads: number;
  readonly confidence: number;
  readonly unobservedWeight: number;
  readonly regularization: number;
  /** Factors of every epoch, not only of the last. */
  readonly trace: boolean;
  /** Known for tailrec alone. */
  readonly solver?: "cg" | "cholesky";
  readonly steps?: number;
  readonly instructionSet?: string;
}

export interface EngineRun {
  /** One an epoch. */
  readonly seconds: readonly number[];
  readonly cpuSeconds: readonly number[];
  readonly peakBytes: number;
}

const here = import.meta.dirname;
const python = join(here, ".venv", "bin", "python");

/** The peers that are installed: `python -m venv bench/.venv && bench/.venv/bin/pip install implicit cmfrec`. */
export function installedPeers(): readonly string[] {
  return ["implicit-cg", "implicit-cholesky", "cmfrec-cg"].filter((engine) => isInstalled(engine.split("-")[0]));
}

function isInstalled(module: string): boolean {
  if (!existsSync(python)) return false;
  const code = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`;
  try {
    execFileSync(python, ["-c", code]);
    return true;
  } catch {
    return false;
  }
}

export function runEngine(request: EngineRequest): EngineRun {
  const argument = JSON.stringify(request);
  const command = request.engine.startsWith("tailrec")
    ? { file: process.execPath, arguments: ["--import", "tsx", join(here, "als-tailrec.ts"), argument] }
    : { file: python, arguments: [join(here, "als-peer.py"), argument] };
  const output = execFileSync(command.file, command.arguments, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/** The float64 loss of equation 1 after an epoch (from 0). */
export function lossAfter(request: EngineRequest, epoch: number, interactions: SparseMatrix): Promise<number> {
  const { folder, users, items, rank, confidence, unobservedWeight, regularization } = request;
  const factors = {
    userFactors: readFactors(join(folder, `${epoch}.users.f32`), users, rank),
    itemFactors: readFactors(join(folder, `${epoch}.items.f32`), items, rank),
  };
  const options = { rank, unobservedWeight, regularization, regularizationExponent: 0, confidenceScale: confidence };
  return alsObjective(interactions, factors, options);
}

function readFactors(path: string, rows: number, columns: number): Matrix {
  const bytes = readFileSync(path);
  return { rows, columns, values: new Float32Array(bytes.buffer, bytes.byteOffset, rows * columns) };
}
