/** `tailrec models add`: a manifest for an ONNX encoder that lies in a folder, tried before it is written. */
import { join, relative } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import type { AddedModel, AddedModelOptions } from "../../encoders/models/added-model.ts";
import { ADDED_MANIFEST } from "../../encoders/models/folder-manifest.ts";
import { dtypes } from "../../encoders/models/transformers-layout.ts";
import { taskNames } from "../../encoders/tasks.ts";
import { type TrialContext, tryModelFolder } from "../../encoders/trial/folder-trial.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { addVerb } from "../verb.ts";

/** Sums in another order differ by no more than this with the batch; what differs more was quantised dynamically. */
const BATCH_TOLERANCE = 1e-3;

export function addModelFolder(models: Command, signal: AbortSignal): void {
  addVerb(models, "add", "Make a manifest for a folder with an ONNX encoder (and tokenizer.json), and try it once.", [
    "tailrec models add ./my-encoder --licence Apache-2.0",
    "tailrec models add ./my-resnet --task image --name shop-resnet",
  ])
    .argument("<folder>", "folder with model.onnx and the settings that its exporter wrote beside it")
    .option("--name <name>", "what the encoder is called (default: the folder's name)")
    .option("--licence <licence>", "licence of the weights")
    .addOption(new Option("--task <task>", "what it encodes (default: by its files)").choices(taskNames))
    .addOption(new Option("--dtype <dtype>", "which of several weights (default: model.onnx)").choices(dtypes))
    .addOption(new Option("--pooling <pooling>", "how tokens become a vector").choices(["mean", "cls"]))
    .option("--maximum-length <tokens>", "tokens that texts are cut to (default: by its files)", parseLength)
    .option("--input <name=number>", "value of a further input, such as task_id=0", collectConstant)
    .option("--trial-seconds <seconds>", "time that its trial may take (default: 30, and 30 a gigabyte)", parsePositive)
    .option("--trial-gigabytes <size>", "memory of its trial (default: 1, and 3 a gigabyte of weights)", parsePositive)
    .action(async (folder: string, options: AddOptions) => {
      const output = openSession(options, signal);
      const { name, task, dtype, pooling, licence, maximumLength, input: inputs } = options;
      const added = await tryModelFolder(
        folder,
        { name, task, dtype, pooling, licence, maximumLength, inputs },
        { ...output.context, limits: trialLimitsOf(options) },
      );
      const path = join(folder, ADDED_MANIFEST);
      await writeFileAtomic(path, `${JSON.stringify(added.manifest, null, 2)}\n`);
      output.answer({ path, ...added }, () => addedLines(path, added));
    });
}

interface AddOptions extends CommonOptions, Omit<AddedModelOptions, "inputs"> {
  readonly input?: AddedModelOptions["inputs"];
  readonly trialSeconds?: number;
  readonly trialGigabytes?: number;
}

function trialLimitsOf({ trialSeconds, trialGigabytes }: AddOptions): NonNullable<TrialContext["limits"]> {
  return {
    ...(trialSeconds !== undefined && { seconds: trialSeconds }),
    ...(trialGigabytes !== undefined && { memory: 1e9 * trialGigabytes }),
  };
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a positive number");
}

function parseLength(text: string): number {
  const length = Number(text);
  if (Number.isInteger(length) && length >= 2) return length;
  throw new InvalidArgumentError("expected a whole number of tokens, at least 2");
}

/** Adds `name=number` to those of before. */
function collectConstant(text: string, others: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [, name, value] = /^([^=]+)=(-?\d+)$/.exec(text) ?? [];
  if (name !== undefined) return { ...others, [name]: Number(value) };
  throw new InvalidArgumentError("expected NAME=NUMBER, such as task_id=0");
}

function addedLines(path: string, { manifest, outputType, assumed, batchDependence }: AddedModel): string[] {
  const { name, task, dimension, outputName } = manifest;
  const place = relative(process.cwd(), path) || path;
  const named = place.startsWith(".") ? place : `./${place}`;
  const dynamic =
    batchDependence > BATCH_TOLERANCE
      ? [
          `a vector changes by up to ${batchDependence.toPrecision(2)} with what else is in its batch (dynamic quantisation?): better export float32`,
        ]
      : [];
  return [
    `${place}: "${name}", ${task}, ${dimension} dimensions from output ${outputName} (${outputType})`,
    ...assumed.map((what) => `assumed, since no file says it: ${what}; correct it in the manifest if it is otherwise`),
    ...dynamic,
    `in a pipeline file: ${task}: { encoder: ${named} }`,
  ];
}
