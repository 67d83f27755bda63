/** `tailrec mcp`: the bundle as tools of a language model, over standard input and output until the other side hangs up. */
import { createRequire } from "node:module";
import type { Command } from "commander";
import { openToolServer } from "../../service/tool-server.ts";
import { addVerb, bundleOption } from "../verb.ts";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

export function addMcp(program: Command, signal: AbortSignal): void {
  addVerb(program, "mcp", "Answer a language model: similar items, lists, vectors (Model Context Protocol).", [
    "tailrec mcp --bundle out/shop/bundle",
  ])
    .addOption(bundleOption())
    .action(async ({ bundle }: { readonly bundle: string }) => {
      const opened = await openToolServer(bundle, version);
      const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await Promise.race([opened.ended, stopped]);
      await opened.close();
    });
}
