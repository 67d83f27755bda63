/** `tailrec models`: the encoders that pipelines can name, whether their files are here and right, and fetching or adding others. */
import type { Command } from "commander";
import { checkParity, type Parity } from "../encoders/models/golden-vectors.ts";
import { type EncoderManifest, listManifests, loadManifest, readManifest } from "../encoders/models/manifest.ts";
import { fetchedModelFiles, verifiedModelFiles } from "../encoders/models/model-files.ts";
import { pinFirstUse } from "../encoders/models/model-pins.ts";
import { attempt, type Check, failIfAny, filesRight } from "../experiment/checks.ts";
import { checkLines } from "./check-list.ts";
import { addModelFolder } from "./models-add.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { formatTable } from "./table.ts";
import { addVerb } from "./verb.ts";

interface ListedModel {
  readonly name: string;
  readonly task: EncoderManifest["task"];
  readonly dimension: number;
  readonly licence: string;
  readonly description: string;
  /** Whether every file is here with the digest of the manifest. */
  readonly ready: boolean;
}

export function addModels(program: Command, signal: AbortSignal): void {
  const models = program
    .command("models")
    .description("List, fetch, verify and add the encoders that pipelines can name.");
  addList(models, signal);
  addPull(models, signal);
  addVerify(models, signal);
  addModelFolder(models, signal);
}

function addList(models: Command, signal: AbortSignal): void {
  addVerb(models, "list", "List the encoders of models/.", ["tailrec models list"]).action(
    async (options: CommonOptions) => {
      const output = openSession(options, signal);
      const listed = await Promise.all((await listManifests()).map(describeModel));
      output.answer({ models: listed }, (style) => {
        const rows = listed.map(({ name, task, dimension, licence, ready, description }) => [
          name,
          task,
          String(dimension),
          licence,
          ready ? "ready" : "missing",
          description,
        ]);
        const columns = ["encoder", "task", "dimension", "licence", "files", "description"];
        return formatTable(
          columns.map((heading) => ({ heading, flexible: heading === "description" || heading === "licence" })),
          rows,
          style,
        );
      });
    },
  );
}

async function describeModel(encoder: string): Promise<ListedModel> {
  const { manifest } = await readManifest(encoder, ".");
  const { name, task, dimension, licence, description } = manifest;
  const { check } = await attempt(
    name,
    async () => verifiedModelFiles(await loadManifest(encoder, ".")),
    () => "",
  );
  return { name, task, dimension, licence, description, ready: check.state === "passed" };
}

interface PullOptions extends CommonOptions {
  readonly trustFirstUse?: boolean;
}

function addPull(models: Command, signal: AbortSignal): void {
  addVerb(models, "pull", "Fetch encoders from the hub at their pinned commit, so that later runs need no network.", [
    "tailrec models pull all-MiniLM-L6-v2",
    "tailrec models pull resnet50-imagenet --trust-first-use",
  ])
    .argument("<encoders...>", "names, or paths of manifests")
    .option("--trust-first-use", "take files whose digest the manifest leaves open as they come, and record it")
    .action(async (encoders: readonly string[], options: PullOptions) => {
      const output = openSession(options, signal);
      const pulled: { encoder: string; files: Record<string, string> }[] = [];
      for (const encoder of encoders) {
        const { context } = output;
        const located = await (options.trustFirstUse ? pinFirstUse(encoder, ".", context) : loadManifest(encoder, "."));
        pulled.push({ encoder, files: await fetchedModelFiles(located, context) });
      }
      output.answer({ pulled }, () =>
        pulled.flatMap(({ encoder, files }) => [encoder, ...Object.values(files).map((path) => `  ${path}`)]),
      );
    });
}

function addVerify(models: Command, signal: AbortSignal): void {
  addVerb(
    models,
    "verify",
    "Check every file of the encoders against its sha256, and their vectors against the Python reference.",
    ["tailrec models verify", "tailrec models verify tailrec-text-small ./my-encoder/tailrec-encoder.json"],
  )
    .argument("[encoders...]", "names, or paths of manifests (default: all that are on this machine)")
    .action(async (encoders: readonly string[], options: CommonOptions) => {
      const output = openSession(options, signal);
      const checks =
        encoders.length > 0 ? await verifyAll(encoders) : (await verifyAll(await listManifests())).map(excuseAbsent);
      output.answer({ checks }, (style) => checkLines(checks, style));
      failIfAny(checks, "encoders");
    });
}

/** One after the other: digests of large files compete for the disk. */
async function verifyAll(encoders: readonly string[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const encoder of encoders) checks.push(await verifyModel(encoder));
  return checks;
}

/** That an encoder is not on this machine is no fault unless someone asked for it by name. */
function excuseAbsent(check: Check): Check {
  return check.code === "MODEL_MISSING"
    ? { name: check.name, state: "not reached", detail: "not on this machine" }
    : check;
}

/** Digests first: goldens of other weights would only confuse. */
async function verifyModel(encoder: string): Promise<Check> {
  const step = async () => {
    const located = await loadManifest(encoder, ".");
    const files = await verifiedModelFiles(located);
    return { files, parity: await checkParity(located, files) };
  };
  return (await attempt(encoder, step, ({ files, parity }) => `${filesRight(files)}; ${parityLine(parity)}`)).check;
}

function parityLine(parity: Parity | null): string {
  if (parity === null) return "no golden vectors";
  return `${parity.inputs} golden vectors reproduced, cosine at least ${(Math.floor(1e5 * parity.worstCosine) / 1e5).toFixed(5)}`;
}
