/** The command in a process of its own, watched: how it ended, how long it took, and the most memory that it held. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { main } from "../cli/tailrec.ts";
import { harmed, MOST_BYTES, MOST_SECONDS, type Toll } from "./toll.ts";

export interface Fate {
  /** Null where a signal ended the process. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly seconds: number;
  readonly peakBytes: number;
}

export interface Start {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What Node is told before the program. */
  readonly nodeOptions?: readonly string[];
  /** Words before `node`: `unshare`, for one. */
  readonly before?: readonly string[];
  readonly onStart?: (child: ChildProcess) => void;
}

const WATCH_MS = 25;

/** Runs `tailrec ...args`. */
export function command(args: readonly string[], { nodeOptions = [], ...start }: Start): Promise<Fate> {
  return watched(process.execPath, [...nodeOptions, main, ...args], start);
}

/** Runs a program; whoever takes far too long is ended. */
export function watched(
  program: string,
  args: readonly string[],
  start: Omit<Start, "nodeOptions"> = {},
): Promise<Fate> {
  const { cwd, env, before = [], onStart } = start;
  const [file, ...rest] = [...before, program, ...args];
  const started = performance.now();
  const options = { cwd, env: { ...process.env, TAILREC_DEBUG: "", ...env } };
  const child = spawn(file, rest, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => said.push(text));
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
    if (performance.now() - started > 1500 * MOST_SECONDS) child.kill("SIGKILL");
  }, WATCH_MS);
  onStart?.(child);
  return new Promise((resolve) => {
    child.on("close", (status, signal) => {
      clearInterval(watch);
      const seconds = (performance.now() - started) / 1000;
      resolve({ status, signal, output: Buffer.concat(said).toString(), seconds, peakBytes });
    });
  });
}

/** The most memory that a process has held so far; 0 where the system does not tell. */
export function peakOf(pid: number | undefined): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return 1024 * Number(kilobytes ?? 0);
  } catch {
    return 0;
  }
}

/** Writes down what no process may do, whatever the fault: break down, blame itself, take for ever or take all memory. */
export function judgeFate({ status, signal, output, seconds, peakBytes }: Fate, toll: Toll, words: string): void {
  const said = output.trim().slice(0, 300);
  if (status === null || status > 3) harmed(toll, "crashes", `${words}: ended by ${signal ?? status}; ${said}`);
  if (/\bINTERNAL\b|^ {4}at /m.test(output)) harmed(toll, "INTERNAL", `${words}: ${said}`);
  judgeCost(seconds, peakBytes, toll, words);
}

export function judgeCost(seconds: number, peakBytes: number, toll: Toll, words: string): void {
  if (seconds > MOST_SECONDS) harmed(toll, "over 60 s", `${words}: ${seconds.toFixed(0)} s`);
  if (peakBytes > MOST_BYTES) harmed(toll, "over 2 GB", `${words}: ${(peakBytes / 1e9).toFixed(1)} GB`);
}
