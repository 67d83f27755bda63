/**
 * Damaged tables (CSV, TSV, JSON lines, JSON, Parquet, gzip), pipeline files and pictures. Each is read, or refused with a code of ours;
 * the reading process neither breaks down nor hangs nor takes all memory.
 */
import { type ChildProcess, fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { ERROR_TABLE } from "../../src/errors.ts";
import { judgeCost, peakOf } from "./command.ts";
import { damaged } from "./damage.ts";
import { type FaultKind, pick, type Trial } from "./fault-kind.ts";
import { type InputAnswer, type InputRequest, READ, SET_ASIDE } from "./input-request.ts";
import { harmed, MOST_SECONDS, type Toll } from "./toll.ts";
import { type WholeInput, wholeInputs } from "./whole-inputs.ts";

export const damagedInputs: FaultKind = {
  name: "damaged inputs",
  tries: { full: 5000, short: 100 },
  inflict: async ({ scene, count, random, toll, isTimeUp }: Trial) => {
    const inputs = await wholeInputs(scene.folder);
    const all = inputs.map(({ bytes }) => bytes);
    let reader = startReader();
    for (const input of inputs) {
      const { ending } = await ask(reader, await requestFor(input, Buffer.from(input.bytes), scene.folder));
      if (ending !== READ) throw new Error(`${input.name} is not read though it is whole: ${ending}`);
    }
    for (let i = 0; i < count && !isTimeUp(); i++) {
      const input = pick(random, inputs);
      const isPacked = input.name.endsWith(".gz") && random.next() < 0.5;
      const bytes = isPacked
        ? gzipSync(damaged(gunzipSync(input.bytes), all, random))
        : damaged(input.bytes, all, random);
      const request = await requestFor(input, bytes, scene.folder);
      const { ending, seconds } = await ask(reader, request);
      toll.tried++;
      const words = `${input.name}, try ${i}`;
      judgeCost(seconds, peakOf(reader.pid), toll, words);
      judgeEnding(ending, toll, words);
      if (reader.exitCode === null && reader.signalCode === null) continue;
      reader = startReader();
    }
    reader.kill();
  },
};

function startReader(): ChildProcess {
  return fork(join(import.meta.dirname, "input-reader.ts"), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

async function requestFor({ role, name }: WholeInput, bytes: Buffer, folder: string): Promise<InputRequest> {
  if (role === "pipeline") return { role, text: bytes.toString("utf8") };
  if (role === "picture") return { role, base64: bytes.toString("base64") };
  const path = join(folder, `damaged-${name}`);
  await writeFile(path, bytes);
  return role === "items" ? { role, path } : { role, path, items: join(folder, "items.csv") };
}

/** The reader's answer; how it ended where it gives none, by our hand when it takes for ever. */
function ask(
  reader: ChildProcess,
  request: InputRequest,
): Promise<{ readonly ending: string; readonly seconds: number }> {
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (ending: string): void => {
      clearTimeout(timer);
      reader.removeAllListeners();
      resolve({ ending, seconds: (performance.now() - started) / 1000 });
    };
    const timer = setTimeout(() => reader.kill("SIGKILL"), 1100 * MOST_SECONDS);
    reader.once("message", ({ ending }: InputAnswer) => end(ending));
    reader.once("exit", (status, signal) => end(`ended by ${signal ?? status}`));
    reader.send(request);
  });
}

function judgeEnding(ending: string, toll: Toll, words: string): void {
  const isRight = [READ, SET_ASIDE].includes(ending) || (ending in ERROR_TABLE && ending !== "INTERNAL");
  if (isRight) return;
  harmed(toll, ending.startsWith("ended by") ? "crashes" : "INTERNAL", `${words}: ${ending.slice(0, 400)}`);
}
