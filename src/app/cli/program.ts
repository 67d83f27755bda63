/** The program `tailrec`: its verbs and what they share. */
import { createRequire } from "node:module";
import { Command } from "commander";
import { addCache } from "./cache.ts";
import { addEmbed } from "./embed.ts";
import { addEvaluate } from "./evaluate.ts";
import { addExplain } from "./explain.ts";
import { addExport } from "./export.ts";
import { addFeatures } from "./features.ts";
import { addModels } from "./models.ts";
import { addRecommend } from "./recommend.ts";
import { addReport } from "./report.ts";
import { addRun } from "./run.ts";
import { addSimilar } from "./similar.ts";
import { addSplit } from "./split.ts";
import { addTune } from "./tune.ts";
import { addValidate } from "./validate.ts";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

const verbs = [
  addRun,
  addEmbed,
  addSimilar,
  addRecommend,
  addExplain,
  addEvaluate,
  addSplit,
  addReport,
  addTune,
  addValidate,
  addExport,
  addFeatures,
  addModels,
  addCache,
];

/** The commander program. `signal` cancels whatever verb is running; failures are thrown, never exited on. */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command("tailrec")
    .description("Behaviour-like vectors for every item of a catalog: head, long tail and brand-new.")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for usage)")
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 a fault of ours, 2 bad input or configuration, 3 missing model or data.",
    );
  for (const add of verbs) add(program, signal);
  return program;
}
