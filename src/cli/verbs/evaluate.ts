/** `tailrec evaluate`: only the evaluation of a pipeline, every table of it. */
import { relative } from "node:path";
import type { Command } from "commander";
import { loadPipeline } from "../../config.ts";
import { TailrecError } from "../../errors.ts";
import type { EvaluationReport } from "../../evaluation/report.ts";
import { evaluatePipeline } from "../../experiment/pipeline.ts";
import { evaluateLists } from "../../experiment/results/lists-evaluation.ts";
import { askersOf } from "../../report/report-words.ts";
import { formatReport } from "../../report/terminal-report.ts";
import { leakLines } from "../answers/leak-lines.ts";
import { collectSeldom } from "../heap-growth.ts";
import { type CommonOptions, openSession, type Session } from "../terminal/session.ts";
import type { Style } from "../terminal/style.ts";
import { addVerb, defaultCacheFolder, typedCommand } from "../verb.ts";

interface EvaluateOptions extends CommonOptions {
  readonly split?: string;
  readonly scores?: readonly string[];
  readonly output?: string;
  readonly cache: string;
}

export function addEvaluate(program: Command, signal: AbortSignal): void {
  addVerb(
    program,
    "evaluate",
    "Run the protocols of a pipeline file, or measure lists that somebody else made; write metrics.json and reports, no bundle.",
    [
      "tailrec evaluate pipelines/shop.yaml",
      "tailrec evaluate pipelines/shop.yaml --json > metrics.json",
      "tailrec evaluate --split splits/shop/warm-tail --scores mine=recs.tsv --scores theirs=other.csv",
      "tailrec evaluate --split splits/shop/similar-items --scores mine=similar.tsv",
    ],
  )
    .argument("[pipeline]", "pipeline file (YAML); not with --scores")
    .option("--split <folder>", "a split that `tailrec split` wrote, for --scores")
    .option(
      "--scores <file>",
      "lists (user, or query for similar items; item; score or rank), or name=file; may be repeated",
      collect,
    )
    .option(
      "--output <folder>",
      "where the reports go, instead of the pipeline's `output`; with --scores, none without it",
    )
    .option("--cache <folder>", "where encoder outputs are kept between runs", defaultCacheFolder)
    .action(async (pipeline: string | undefined, options: EvaluateOptions) => {
      collectSeldom();
      const session = openSession(options, signal);
      if (pipeline !== undefined && options.scores === undefined) await runProtocols(pipeline, options, session);
      else if (pipeline === undefined && options.split !== undefined && options.scores !== undefined) {
        await measureLists(options.split, options.scores, options, session);
      } else {
        const message = "expected either a pipeline file, or --split <folder> with --scores <file>";
        throw new TailrecError("INVALID_ARGUMENT", `${message}; see tailrec evaluate --help`);
      }
    });
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

async function runProtocols(pipeline: string, options: EvaluateOptions, session: Session): Promise<void> {
  const { config, folder } = await loadPipeline(pipeline);
  const output = options.output ?? config.output;
  const { reports, leaks, boundaries, reportPage } = await evaluatePipeline(
    { ...config, output },
    { ...session.context, folder, cacheFolder: options.cache, command: typedCommand(process.argv) },
  );
  session.answer({ output, reports, leaks, boundaries, reportPage }, (style) => [
    ...reports.map((report) => tablesOf(report, style)),
    ...leakLines(leaks, boundaries, style),
    ...(reportPage === undefined ? [] : [relative(process.cwd(), reportPage)]),
  ]);
}

async function measureLists(
  split: string,
  scores: readonly string[],
  { output }: EvaluateOptions,
  session: Session,
): Promise<void> {
  const { report, files } = await evaluateLists(split, scores, output, session.context);
  session.answer({ output, reports: [report], files }, (style) => [
    ...files.map(
      ({ name, rows, unknownUsers, unknownItems }) =>
        `${name}: ${rows} rows, ${unknownUsers} of ${askersOf(report)} and ${unknownItems} of items that the split does not know`,
    ),
    "",
    tablesOf(report, style),
  ]);
}

function tablesOf(report: EvaluationReport, style: Style): string {
  return `${formatReport(report, { color: style.coloured, width: style.width })}\n`;
}
