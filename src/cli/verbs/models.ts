/** `tailrec models`: the encoders that pipelines can name, whether their files are here and right, and fetching or adding others. */
import { type Command, Option } from "commander";
import type { PullOptions } from "../../encoders/models/repository-pull.ts";
import { taskNames } from "../../encoders/tasks.ts";
import { failIfAny } from "../../experiment/checks/checks.ts";
import { listEncoders, pullEncoders, verifyEncoders } from "../../experiment/checks/encoders.ts";
import { checkLines } from "../answers/check-list.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb } from "../verb.ts";
import { addModelFolder } from "./models-add.ts";

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
      const listed = await listEncoders();
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

interface PullVerbOptions extends CommonOptions, PullOptions {
  readonly trustFirstUse?: boolean;
}

function addPull(models: Command, signal: AbortSignal): void {
  addVerb(models, "pull", "Fetch encoders from the hub at their pinned commit, so that later runs need no network.", [
    "tailrec models pull all-MiniLM-L6-v2",
    "tailrec models pull resnet50-imagenet --trust-first-use",
    "tailrec models pull Xenova/all-MiniLM-L6-v2#q8 --trust-first-use",
  ])
    .argument("<encoders...>", "names, paths of manifests, or repositories of the hub (owner/name, owner/name#dtype)")
    .option("--trust-first-use", "take files whose digest is not known as they come, and record it")
    .addOption(new Option("--task <task>", "what a repository encodes (default: by its files)").choices(taskNames))
    .addOption(
      new Option("--pooling <pooling>", "how tokens become a vector (default: by its files)").choices(["mean", "cls"]),
    )
    .action(async (encoders: readonly string[], options: PullVerbOptions) => {
      const output = openSession(options, signal);
      const { trustFirstUse = false, task, pooling } = options;
      const pulled = await pullEncoders(encoders, { trustFirstUse, task, pooling }, output.context);
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
    .argument("[encoders...]", "names, paths, or repositories of the hub (default: all that are on this machine)")
    .action(async (encoders: readonly string[], options: CommonOptions) => {
      const output = openSession(options, signal);
      const checks = await verifyEncoders(encoders);
      output.answer({ checks }, (style) => checkLines(checks, style));
      failIfAny(checks, "encoders");
    });
}
