/** `tailrec validate`: a PASS/FAIL list for a pipeline file before a run, or for a bundle before it serves. */
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { readablePath } from "../../data/files/atomic-write.ts";
import { failIfAny } from "../../experiment/checks/checks.ts";
import { validateBundle, validatePipeline, validatePipelineFile } from "../../experiment/checks/preflight.ts";
import { encodedStage } from "../../experiment/inputs/shards.ts";
import { checkLines } from "../answers/check-list.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { addVerb } from "../verb.ts";

export function addValidate(program: Command, signal: AbortSignal): void {
  addVerb(program, "validate", "Check a pipeline file with its data and encoders, or a bundle.", [
    "tailrec validate pipelines/shop.yaml",
    "tailrec validate pipelines/shop.yaml --file-only --json",
    "tailrec validate out/shop/bundle",
  ])
    .argument("<path>", "a pipeline file, or the folder of a bundle")
    .option("--file-only", "the keys of a pipeline file alone, no data; --json prints it with every default filled")
    .action(async (path: string, options: CommonOptions & { readonly fileOnly?: boolean }) => {
      const output = openSession(options, signal);
      if (options.fileOnly) {
        const { checks, pipeline } = await validatePipelineFile(path);
        const encoded = pipeline && (await encodedStage(pipeline.config, "", pipeline));
        output.answer({ path, checks, ...pipeline, encoded }, (style) => checkLines(checks, style));
        return failIfAny(checks, path);
      }
      const entry = await stat(await readablePath(path)).catch(() => undefined);
      const checks = entry?.isDirectory() ? await validateBundle(path) : await validatePipeline(path, output.context);
      output.answer({ path, checks }, (style) => checkLines(checks, style));
      failIfAny(checks, path);
    });
}
