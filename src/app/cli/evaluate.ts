/** `tailrec evaluate`: only the evaluation of a pipeline, every table of it. */
import { relative } from "node:path";
import type { Command } from "commander";
import { loadPipeline } from "../../config.ts";
import { formatReport } from "../../evaluation/terminal-report.ts";
import { evaluatePipeline } from "../pipeline.ts";
import { leakLines } from "./leak-lines.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { addVerb, defaultCacheFolder, typedCommand } from "./verb.ts";

interface EvaluateOptions extends CommonOptions {
  readonly output?: string;
  readonly cache: string;
}

export function addEvaluate(program: Command, signal: AbortSignal): void {
  addVerb(
    program,
    "evaluate",
    "Run the protocols of a pipeline file; write metrics.json, report.md and report.html, no bundle.",
    ["tailrec evaluate pipelines/shop.yaml", "tailrec evaluate pipelines/shop.yaml --json > metrics.json"],
  )
    .argument("<pipeline>", "pipeline file (YAML)")
    .option("--output <folder>", "where the reports go, instead of the pipeline's `output`")
    .option("--cache <folder>", "where encoder outputs are kept between runs", defaultCacheFolder)
    .action(async (pipeline: string, options: EvaluateOptions) => {
      const session = openSession(options, signal);
      const { config, folder } = await loadPipeline(pipeline);
      const output = options.output ?? config.output;
      const { reports, leaks, boundaries, reportPage } = await evaluatePipeline(
        { ...config, output },
        { ...session.context, folder, cacheFolder: options.cache, command: typedCommand(process.argv) },
      );
      session.answer({ output, reports, leaks, boundaries, reportPage }, (style) => [
        ...reports.map((report) => `${formatReport(report, { color: style.coloured, width: style.width })}\n`),
        ...leakLines(leaks, boundaries, style),
        ...(reportPage === undefined ? [] : [relative(process.cwd(), reportPage)]),
      ]);
    });
}
