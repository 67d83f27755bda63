/** The program `tailrec`: its verbs and what they share. */
import { createRequire } from "node:module";
import { Command } from "commander";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** In the order of the help. Modules are loaded on demand: all of them take longer than many a verb's own work. */
const verbs = new Map<string, () => Promise<AddVerb>>([
  ["init", async () => (await import("./verbs/init.ts")).addInit],
  ["run", async () => (await import("./verbs/run.ts")).addRun],
  ["update", async () => (await import("./verbs/update.ts")).addUpdate],
  ["compare", async () => (await import("./verbs/compare.ts")).addCompare],
  ["embed", async () => (await import("./verbs/embed.ts")).addEmbed],
  ["similar", async () => (await import("./verbs/similar.ts")).addSimilar],
  ["recommend", async () => (await import("./verbs/recommend.ts")).addRecommend],
  ["lists", async () => (await import("./verbs/lists.ts")).addLists],
  ["serve", async () => (await import("./verbs/serve.ts")).addServe],
  ["mcp", async () => (await import("./verbs/mcp.ts")).addMcp],
  ["experiment", async () => (await import("./verbs/experiment.ts")).addExperiment],
  ["monitor", async () => (await import("./verbs/monitor.ts")).addMonitor],
  ["explain", async () => (await import("./verbs/explain.ts")).addExplain],
  ["evaluate", async () => (await import("./verbs/evaluate.ts")).addEvaluate],
  ["split", async () => (await import("./verbs/split.ts")).addSplit],
  ["report", async () => (await import("./verbs/report.ts")).addReport],
  ["tune", async () => (await import("./verbs/tune.ts")).addTune],
  ["validate", async () => (await import("./verbs/validate.ts")).addValidate],
  ["export", async () => (await import("./verbs/export.ts")).addExport],
  ["push", async () => (await import("./verbs/push.ts")).addPush],
  ["features", async () => (await import("./verbs/features.ts")).addFeatures],
  ["models", async () => (await import("./verbs/models.ts")).addModels],
  ["worker", async () => (await import("./verbs/worker.ts")).addWorker],
  ["cache", async () => (await import("./verbs/cache.ts")).addCache],
]);

type AddVerb = (program: Command, signal: AbortSignal) => void;

/**
 * The commander program with the verb that the words begin with, or with all verbs (help, suggestions) where they begin with
 * none. `signal` cancels whatever verb is running; failures are thrown, never exited on.
 */
export async function createProgram(words: readonly string[], signal: AbortSignal): Promise<Command> {
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
  const asked = verbs.get(words[0] ?? "");
  for (const load of asked === undefined ? verbs.values() : [asked]) (await load())(program, signal);
  return program;
}
