/** `tailrec run`: the whole mission for one pipeline file, and a summary of what happened. */
import type { Command } from "commander";
import { loadPipeline } from "../../config.ts";
import { runPipeline } from "../../experiment/pipeline.ts";
import { runDocument, runSummary } from "../answers/run-summary.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { addVerb, defaultCacheFolder, typedCommand } from "../verb.ts";

interface RunOptions extends CommonOptions {
  readonly output?: string;
  readonly cache: string;
  readonly evaluate: boolean;
  readonly align?: string;
}

export function addRun(program: Command, signal: AbortSignal): void {
  addVerb(program, "run", "Read a pipeline file, fit everything, evaluate, and write the bundle.", [
    "tailrec run pipelines/shop.yaml",
    "tailrec run pipelines/shop.yaml --output out/trial --no-evaluate",
  ])
    .argument("<pipeline>", "pipeline file (YAML)")
    .option("--output <folder>", "where the bundle and the reports go, instead of the pipeline's `output`")
    .option("--cache <folder>", "where encoder outputs are kept between runs", defaultCacheFolder)
    .option("--align <bundle>", "earlier bundle to which exported vectors are turned: stored ones stay comparable")
    .option("--no-evaluate", "skip the evaluation: only the bundle")
    .action(async (pipeline: string, options: RunOptions) => {
      const session = openSession(options, signal);
      const { config, folder } = await loadPipeline(pipeline);
      const { cache: cacheFolder, evaluate, align: alignTo = config.embeddings.alignTo } = options;
      const embeddings = { ...config.embeddings, alignTo };
      const resolved = { ...config, embeddings, output: options.output ?? config.output };
      const result = await runPipeline(resolved, {
        ...session.context,
        folder,
        cacheFolder,
        evaluate,
        command: typedCommand(process.argv),
      });
      session.answer(runDocument(result), (style) => runSummary(resolved, result, style));
    });
}
