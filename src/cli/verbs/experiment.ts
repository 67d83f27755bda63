/** `tailrec experiment report`: what an experiment of a service says so far. */
import type { Command } from "commander";
import { readExperiment } from "../../service/experiment-file.ts";
import { type ExperimentReport, type Figure, reportExperiment } from "../../traffic/experiment-report.ts";
import { readTraffic } from "../../traffic/read-traffic.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import type { Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb } from "../verb.ts";

interface ReportOptions extends CommonOptions {
  readonly experiment: string;
}

export function addExperiment(program: Command, signal: AbortSignal): void {
  const group = program.command("experiment").description("Experiments of a service.");
  addVerb(group, "report", "What an experiment says so far; may be asked as often as one likes.", [
    "tailrec experiment report out/shop/log --experiment experiment.json",
  ])
    .argument("<log>", "folder of the service's log")
    .requiredOption("--experiment <file>", "the experiment that the service ran")
    .action(async (log: string, { experiment, ...options }: ReportOptions) => {
      const session = openSession(options, signal);
      const report = reportExperiment(await readExperiment(experiment), await readTraffic(log));
      session.answer(report, (style) => linesOf(report, style));
    });
}

function linesOf({ experiment, variants, sampleRatioP, interleaving }: ExperimentReport, style: Style): string[] {
  const headings = [
    "variant",
    "users",
    "lists",
    "click-through",
    "conversion",
    "NDCG",
    "tail",
    "new",
    "difference",
    "p",
  ];
  const rows = variants.map(({ name, users, lists, figures, difference }) => [
    name,
    String(users),
    String(lists),
    ...[figures.clickThrough, figures.conversion, figures.ndcg, figures.tailShare, figures.newShare].map(figure),
    difference === undefined
      ? ""
      : `${difference.value.toFixed(4)} [${difference.interval.map((end) => end.toFixed(4)).join(", ")}]`,
    difference === undefined ? "" : difference.p.toPrecision(2),
  ]);
  const broken = sampleRatioP < 0.001 ? "; users did not come in the shares that were set: trust nothing here" : "";
  return [
    style.bold(`experiment ${experiment}`),
    ...formatTable(
      headings.map((heading, column) => ({ heading, ...(column > 0 && { align: "right" as const }) })),
      rows,
      style,
    ),
    `shares of users: p ${sampleRatioP.toPrecision(2)}${broken}`,
    ...(interleaving === undefined
      ? []
      : [
          `lists won: ${interleaving.a} to ${interleaving.b}, ${interleaving.ties} even, p ${interleaving.p.toPrecision(2)}`,
        ]),
  ];
}

function figure({ value, ci95 }: Figure): string {
  return Number.isNaN(value) ? "-" : `${value.toFixed(3)} [${ci95.map((end) => end.toFixed(3)).join(", ")}]`;
}
