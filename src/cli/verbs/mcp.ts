/** `tailrec mcp`: the bundle as tools of a language model, over standard input and output until the other side hangs up. */
import { createRequire } from "node:module";
import type { Command } from "commander";
import { openToolServer, type ToolSdk } from "../../service/tool-server.ts";
import { loadClient } from "../../stores/store-client.ts";
import { addVerb, bundleOption } from "../verb.ts";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

export function addMcp(program: Command, signal: AbortSignal): void {
  addVerb(program, "mcp", "Answer a language model: similar items, lists, vectors (Model Context Protocol).", [
    "tailrec mcp --bundle out/shop/bundle",
  ])
    .addOption(bundleOption())
    .action(async ({ bundle }: { readonly bundle: string }) => {
      const opened = await openToolServer(bundle, version, await loadSdk());
      const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await Promise.race([opened.ended, stopped]);
      await opened.close();
    });
}

const SDK = "@modelcontextprotocol/sdk";

/** STORE_CLIENT_MISSING with the line that installs it. */
async function loadSdk(): Promise<ToolSdk> {
  const load = (path: string) => loadClient<ToolSdk>(`${SDK}/${path}`, [SDK]);
  const { Server } = await load("server/index.js");
  const { StdioServerTransport } = await load("server/stdio.js");
  const { CallToolRequestSchema, ListToolsRequestSchema } = await load("types.js");
  return { Server, StdioServerTransport, CallToolRequestSchema, ListToolsRequestSchema };
}
