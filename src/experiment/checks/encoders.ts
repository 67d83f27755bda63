/** The encoders that pipelines can name, as their owner sees them: whether their files are here and right, and fetching them. */

import { readEncoderName } from "../../encoders/models/encoder-name.ts";
import { checkParity, type Parity } from "../../encoders/models/golden-vectors.ts";
import {
  defaultModelFolder,
  type EncoderManifest,
  type LocatedManifest,
  listManifests,
  loadManifest,
  readManifest,
} from "../../encoders/models/manifest.ts";
import { fetchedModelFiles, type ModelFilesContext, verifiedModelFiles } from "../../encoders/models/model-files.ts";
import { pinFirstUse } from "../../encoders/models/model-pins.ts";
import { pulledTasks } from "../../encoders/models/repository-manifests.ts";
import { type PullOptions, pullRepository } from "../../encoders/models/repository-pull.ts";
import { taskNames } from "../../encoders/tasks.ts";
import { attempt, type Check, filesRight } from "./checks.ts";

export interface ListedEncoder {
  readonly name: string;
  readonly task: EncoderManifest["task"];
  readonly dimension: number;
  readonly licence: string;
  readonly description: string;
  /** Whether every file is here with the digest of the manifest. */
  readonly ready: boolean;
}

/** The encoders of models/, by name. */
export async function listEncoders(): Promise<ListedEncoder[]> {
  return Promise.all((await listManifests()).map(describeEncoder));
}

async function describeEncoder(encoder: string): Promise<ListedEncoder> {
  const { manifest } = await readManifest(encoder, ".");
  const { name, task, dimension, licence, description } = manifest;
  const { check } = await attempt(
    name,
    async () => verifiedModelFiles(await loadManifest(encoder, ".")),
    () => "",
  );
  return { name, task, dimension, licence, description, ready: check.state === "passed" };
}

export interface PulledEncoder {
  readonly encoder: string;
  /** Paths by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a pull may take as it comes, and what is said of repositories without a manifest. */
export interface PullRequest extends PullOptions {
  readonly trustFirstUse: boolean;
}

/** Fetches encoders from the hub, one after the other; `trustFirstUse` takes files without a digest as they come, and records it. */
export async function pullEncoders(
  encoders: readonly string[],
  request: PullRequest,
  context: ModelFilesContext,
): Promise<PulledEncoder[]> {
  const pulled: PulledEncoder[] = [];
  for (const encoder of encoders) {
    for (const located of await pullEncoder(encoder, request, context)) {
      pulled.push({ encoder, files: await fetchedModelFiles(located, context) });
    }
  }
  return pulled;
}

/** The manifests of an encoder, one a task. */
async function pullEncoder(
  encoder: string,
  { trustFirstUse, ...options }: PullRequest,
  context: ModelFilesContext,
): Promise<LocatedManifest[]> {
  const { modelFolder } = context;
  const name = readEncoderName(encoder, ".");
  if (!trustFirstUse) return [await loadManifest(encoder, ".", modelFolder, options.task)];
  if (name.kind !== "repository") return [await pinFirstUse(encoder, ".", context)];
  const tasks = await pullRepository(name, options, context);
  return Promise.all(tasks.map((task) => loadManifest(encoder, ".", modelFolder, task)));
}

/** Checks encoders, one after the other: digests of large files compete for the disk. All that are on this machine when none is named. */
export async function verifyEncoders(encoders: readonly string[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const encoder of encoders) {
    for (const task of await tasksOf(encoder)) checks.push(await verifyEncoder(encoder, task));
  }
  if (encoders.length > 0) return checks;
  for (const encoder of await listManifests()) checks.push(excuseAbsent(await verifyEncoder(encoder)));
  return checks;
}

/** That an encoder is not on this machine is no fault unless someone asked for it by name. */
function excuseAbsent(check: Check): Check {
  return check.code === "MODEL_MISSING"
    ? { name: check.name, state: "not reached", detail: "not on this machine" }
    : check;
}

/** The tasks that a repository has been pulled for: each has its own files. Of all else the one of its manifest. */
async function tasksOf(encoder: string): Promise<readonly (EncoderManifest["task"] | undefined)[]> {
  const name = readEncoderName(encoder, ".");
  const pulled = name.kind === "repository" ? await pulledTasks(name, taskNames, defaultModelFolder()) : [];
  return pulled.length > 0 ? pulled : [undefined];
}

/** Digests first: goldens of other weights would only confuse. */
async function verifyEncoder(encoder: string, task?: EncoderManifest["task"]): Promise<Check> {
  const step = async () => {
    const located = await loadManifest(encoder, ".", undefined, task);
    const files = await verifiedModelFiles(located);
    return { files, parity: await checkParity(located, files) };
  };
  return (await attempt(encoder, step, ({ files, parity }) => `${filesRight(files)}; ${parityLine(parity)}`)).check;
}

function parityLine(parity: Parity | null): string {
  if (parity === null) return "no golden vectors";
  return `${parity.inputs} golden vectors reproduced, cosine at least ${(Math.floor(1e5 * parity.worstCosine) / 1e5).toFixed(5)}`;
}
