/** `tailrec report`: report.html again, from the saved results of a run. */
import { join } from "node:path";
import type { Command } from "commander";
import { writeFileAtomic } from "../data/files/atomic-write.ts";
import { readSavedReport } from "../experiment/saved-report.ts";
import { formatHtml } from "../report/html/page.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { addVerb } from "./verb.ts";

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
      const data = await readSavedReport(folder);
      const out = options.out ?? join(folder, "report.html");
      const page = formatHtml(data);
      await writeFileAtomic(out, page);
      const protocols = data.evaluations.map(({ protocol }) => protocol.kind);
      const bytes = Buffer.byteLength(page);
      output.answer({ out, protocols, bytes }, () => [
        `${out}: ${protocols.join(", ")}; ${(bytes / 1e6).toFixed(2)} MB, opens in any browser`,
      ]);
    });
}
