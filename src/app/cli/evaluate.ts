/** `tailrec evaluate`: only the evaluation of a pipeline, every table of it. */
import type { Command } from "commander";
import { loadPipeline } from "../../config.ts";
import { formatReport } from "../../evaluation/terminal-report.ts";
import { evaluatePipeline } from "../pipeline.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { addVerb, defaultCacheFolder } from "./verb.ts";

interface EvaluateOptions extends CommonOptions {
  readonly output?: string;
  readonly cache: string;
}

export function addEvaluate(program: Command, signal: AbortSignal): void {
  addVerb(program, "evaluate", "Run the protocols of a pipeline file; write metrics.json and report.md, no bundle.", [
    "tailrec evaluate pipelines/shop.yaml",
    "tailrec evaluate pipelines/shop.yaml --json > metrics.json",
  ])
    .argument("<pipeline>", "pipeline file (YAML)")
    .option("--output <folder>", "where the reports go, instead of the pipeline's `output`")
    .option("--cache <folder>", "where encoder outputs are kept between runs", defaultCacheFolder)
    .action(async (pipeline: string, options: EvaluateOptions) => {
      const session = openSession(options, signal);
      const { config, folder } = await loadPipeline(pipeline);
      const output = options.output ?? config.output;
      const { reports } = await evaluatePipeline(
        { ...config, output },
        { ...session.context, folder, cacheFolder: options.cache },
      );
      session.answer({ output, reports }, ({ coloured, width }) =>
        reports.map((report) => `${formatReport(report, { color: coloured, width })}\n`),
      );
    });
}
