/** `tailrec validate`: a PASS/FAIL list for a pipeline file before a run, or for a bundle before it serves. */
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { readablePath } from "../../data/files/atomic-write.ts";
import { failIfAny } from "../../experiment/checks.ts";
import { validateBundle, validatePipeline } from "../../experiment/preflight.ts";
import { checkLines } from "../answers/check-list.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { addVerb } from "../verb.ts";

export function addValidate(program: Command, signal: AbortSignal): void {
  addVerb(program, "validate", "Check a pipeline file with its data and encoders, or a bundle.", [
    "tailrec validate pipelines/shop.yaml",
    "tailrec validate out/shop/bundle",
  ])
    .argument("<path>", "a pipeline file, or the folder of a bundle")
    .action(async (path: string, options: CommonOptions) => {
      const output = openSession(options, signal);
      const entry = await stat(await readablePath(path)).catch(() => undefined);
      const checks = entry?.isDirectory() ? await validateBundle(path) : await validatePipeline(path, output.context);
      output.answer({ path, checks }, (style) => checkLines(checks, style));
      failIfAny(checks, path);
    });
}
