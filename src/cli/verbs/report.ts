/** `tailrec report`: report.html again, from the saved results of a run. */
import type { Command } from "commander";
import { remakeReport } from "../../experiment/report/saved-report.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { addVerb } from "../verb.ts";

interface ReportOptions extends CommonOptions {
  readonly out?: string;
}

export function addReport(program: Command, signal: AbortSignal): void {
  addVerb(program, "report", "Make report.html again from the results that a run or an evaluation saved.", [
    "tailrec report out/shop",
    "tailrec report out/shop --out shop.html",
  ])
    .argument("<folder>", "output folder of `tailrec run` or `tailrec evaluate`")
    .option("--out <file>", "file to write, instead of report.html in the folder")
    .action(async (folder: string, options: ReportOptions) => {
      const output = openSession(options, signal);
      const { out, protocols, bytes } = await remakeReport(folder, options.out);
      output.answer({ out, protocols, bytes }, () => [
        `${out}: ${protocols.join(", ")}; ${(bytes / 1e6).toFixed(2)} MB, opens in any browser`,
      ]);
    });
}
