/**
 * `tailrec mcp`: the tools over standard input and output, by the Model Context Protocol and its official SDK, which is an optional
 * package. What fails is an answer with the words of the table of errors.
 */
import type * as ServerModule from "@modelcontextprotocol/sdk/server/index.js";
import type * as StdioModule from "@modelcontextprotocol/sdk/server/stdio.js";
import type * as TypesModule from "@modelcontextprotocol/sdk/types.js";
import { TailrecError } from "../errors.ts";
import { openRecommender } from "../serving/recommender.ts";
import { bundleName } from "./bundle-name.ts";
import { problemOf } from "./problem.ts";
import { type Tool, toolsOver } from "./tools.ts";

/** The parts of the SDK that are used, loaded by whoever knows where it is. */
export type ToolSdk = Pick<typeof ServerModule, "Server"> &
  Pick<typeof StdioModule, "StdioServerTransport"> &
  Pick<typeof TypesModule, "CallToolRequestSchema" | "ListToolsRequestSchema">;

export interface ToolServer {
  /** Resolves when the other side hangs up. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Opens the bundle and answers from now on. Errors: those of `openRecommender`. */
export async function openToolServer(folder: string, version: string, sdk: ToolSdk): Promise<ToolServer> {
  const { Server, StdioServerTransport, CallToolRequestSchema, ListToolsRequestSchema } = sdk;
  const server = new Server({ name: "tailrec", version }, { capabilities: { tools: {} } });
  const recommender = await openRecommender(folder);
  const tools = toolsOver({ name: bundleName(folder), recommender });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: given = {} } }) =>
    answerOf(tools, name, given),
  );
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
    process.stdin.once("end", resolve);
  });
  await server.connect(new StdioServerTransport());
  return {
    ended,
    close: async () => {
      await server.close();
      await recommender.close();
    },
  };
}

async function answerOf(tools: readonly Tool[], name: string, given: unknown) {
  try {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) throw new TailrecError("UNKNOWN_ADDRESS", `no tool is called "${name}"`);
    const answer = await tool.call(given);
    return { content: [textOf(answer)], structuredContent: { ...answer } };
  } catch (error) {
    return { isError: true, content: [textOf(problemOf(error, ""))] };
  }
}

function textOf(value: unknown) {
  return { type: "text" as const, text: JSON.stringify(value) };
}
