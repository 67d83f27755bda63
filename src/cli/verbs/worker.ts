/** `tailrec worker`: one job on record batches from standard input to standard output, as Spark and other engines start it. */
import { type Command, Option } from "commander";
import { TailrecError } from "../../errors.ts";
import { type JobPipeline, type JobRequest, jobKindNamed, jobKinds } from "../../worker/job-kinds.ts";
import { type ListOwner, listOwners } from "../../worker/list-owners.ts";
import { runWorker } from "../../worker/worker.ts";
import { openSession } from "../terminal/session.ts";
import { countOption, parseCount, tailOption } from "../verb.ts";

interface WorkerArguments {
  readonly job: string;
  readonly pipeline?: string;
  readonly collaborative?: string;
  readonly bundle?: string;
  readonly factors?: string;
  readonly gram?: string;
  readonly question?: string;
  readonly images: string;
  readonly cache?: string;
  readonly by: ListOwner;
  readonly count: number;
  readonly tail?: number;
  readonly batch: number;
  readonly quiet?: boolean;
}

export function addWorker(program: Command, signal: AbortSignal): void {
  program
    .command("worker")
    .description("Do one job on Arrow record batches: standard input to standard output, row for row.")
    .addOption(
      new Option("--job <name>", jobKinds.map(({ name, words }) => `${name}: ${words}`).join("; "))
        .choices(jobKinds.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .option("--pipeline <file>", "pipeline file: encode takes its columns and encoders, solve its `collaborative` part")
    .option(
      "--collaborative <json>",
      "the `collaborative` part alone, for solve: a worker starts in a third of the time",
    )
    .option("--bundle <folder>", "bundle, for features and lists")
    .option("--factors <file>", ".npy file with the factors of the other side, in float32 or float16, for solve")
    .option("--gram <file>", ".npy file with their Gram in float64; worked out where it is not named")
    .option("--question <file>", "question.safetensors of a ranking or of moments in parts, for evaluate and moments")
    .option("--images <folder>", "where relative picture paths of new items start, for features", ".")
    .option("--cache <folder>", "keep encoder outputs there, on this machine")
    .addOption(
      new Option("--by <column>", "what the lists are for: known users, known items, or vectors")
        .choices(listOwners)
        .default("user"),
    )
    .addOption(countOption())
    .addOption(tailOption())
    .option("--batch <rows>", "most rows worked on together, which bounds the memory", parseCount, 4096)
    .option("--quiet", "no progress on standard error")
    .addHelpText(
      "after",
      ["", "Examples:", "  $ tailrec worker --job encode --pipeline pipelines/shop.yaml --cache .cache/tailrec"].join(
        "\n",
      ),
    )
    .action(async (given: WorkerArguments) => {
      const { job, pipeline, collaborative, cache: cacheFolder, batch, quiet, ...request } = given;
      const { context } = openSession({ quiet }, signal);
      if (process.stdin.isTTY)
        throw new TailrecError(
          "INVALID_ARGUMENT",
          "expected an Arrow IPC stream on standard input, received a terminal",
        );
      const opened = {
        ...(pipeline !== undefined && { pipeline: await pipelineAt(pipeline) }),
        ...(collaborative !== undefined && { collaborative: await halfSweepOptions(collaborative) }),
      };
      const work = await jobKindNamed(job).open({ ...request, ...opened, cacheFolder }, context);
      try {
        const streams = { input: process.stdin, output: process.stdout };
        const { rows, quarantined } = await runWorker(work, streams, { batch }, context);
        if (quiet !== true) process.stderr.write(`${job}: ${rows} rows, ${quarantined} quarantined\n`);
      } finally {
        await work.close();
      }
    });
}

/** On demand: what reads pipeline files loads most of the program. */
async function pipelineAt(path: string): Promise<JobPipeline> {
  const { loadPipeline } = await import("../../config.ts");
  return loadPipeline(path);
}

/** INVALID_OPTIONS for what is no `collaborative` part. */
async function halfSweepOptions(text: string): Promise<NonNullable<JobRequest["collaborative"]>> {
  const [{ alsOptionsSchema }, { parseOptions }] = await Promise.all([
    import("../../als/als-options.ts"),
    import("../../options.ts"),
  ]);
  return parseOptions(alsOptionsSchema, jsonOf(text), "--collaborative");
}

/** The text itself where it is no JSON, which no schema takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
