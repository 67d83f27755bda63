/** Endpoints that answer questions, as tools of a language model: the same names, schemas and handlers. Decision 111. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { parseOptions } from "../options.ts";
import { contract } from "./contract/contract.ts";
import type { Call, Handlers } from "./handlers/handler.ts";
import { itemHandlers } from "./handlers/item-handlers.ts";
import { listHandlers, type ServedBundle } from "./handlers/list-handlers.ts";
import { operationHandlers } from "./handlers/operation-handlers.ts";

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: { readonly type: "object" } & Readonly<Record<string, unknown>>;
  /** INVALID_OPTIONS for arguments that do not fit; else as the endpoint. */
  call(given: unknown): Promise<Readonly<Record<string, unknown>>>;
}

/** What only reads. */
export const toolNames = ["similar", "recommend", "embed", "explain", "search", "item", "model"] as const;

export function toolsOver(served: ServedBundle): readonly Tool[] {
  const now = () => served;
  const handlers = {
    ...listHandlers(now, { makerOf: now, onList: () => undefined }),
    ...itemHandlers(now),
    ...operationHandlers(now),
  };
  return toolNames.map((name) => toolOf(name, handlers));
}

function toolOf(name: (typeof toolNames)[number], handlers: Pick<Handlers, (typeof toolNames)[number]>): Tool {
  const { summary, request } = contract[name];
  const { $schema: _, ...schema } = z.toJSONSchema(request, { io: "input", unrepresentable: "any" });
  const handle = handlers[name] as (request: unknown, call: Call) => Promise<Readonly<Record<string, unknown>>>;
  return {
    name,
    description: summary,
    inputSchema: { ...schema, type: "object" },
    call: (given) => {
      const start = performance.now();
      const elapsed = () => performance.now() - start;
      return handle(parseOptions(request, given, name), { requestId: randomUUID(), elapsed });
    },
  };
}
