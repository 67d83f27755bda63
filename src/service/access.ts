/**
 * Who may ask what: keys with scopes, how often, from which pages. Without keys the service answers callers of this machine alone, and
 * only under its own names, so that no web page can reach it by a name of its own (DNS rebinding).
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { TailrecError } from "../errors.ts";
import type { Scope } from "./contract/endpoint.ts";
import { isLoopback, type KeyRing } from "./keys.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";

export interface AccessOptions extends RateLimits {
  readonly ring: KeyRing | undefined;
  /** Origins of pages that may ask from a browser. */
  readonly origins: readonly string[];
}

declare module "fastify" {
  interface FastifyContextConfig {
    readonly scope?: Scope;
  }
  interface FastifyRequest {
    /** Name of the caller's key; "" without one. */
    caller: string;
  }
}

/** To be awaited before routes are added. */
export async function guardAccess(app: FastifyInstance, options: AccessOptions): Promise<void> {
  const { ring } = options;
  const limits = await createRateLimits(app, options);
  app.decorateRequest("caller", "");
  app.addHook("onRequest", limits.ofAddress);
  app.addHook("onRequest", async (request, reply) => {
    if (ring === undefined) return requireOwnName(request);
    request.caller = ring.find(tokenOf(request))?.name ?? "";
    if (request.caller !== "") await limits.ofKey(request, reply);
  });
  app.addHook("onRequest", async (request) => requireScope(request, ring));
  allowOrigins(app, options.origins);
}

function tokenOf({ headers }: FastifyRequest): string {
  const [, token = ""] = /^Bearer ([\x21-\x7e]{1,500})$/.exec(headers.authorization ?? "") ?? [];
  return token;
}

/** The name that the caller itself sent: what a proxy adds could come from a page as well. */
function requireOwnName({ headers: { host = "" } }: FastifyRequest): void {
  if (isLoopback(host.replace(/:\d*$/, "").replace(/^\[|\]$/g, ""))) return;
  throw new TailrecError("KEY_NOT_ALLOWED", "without keys this service answers to localhost and 127.0.0.1 alone");
}

function requireScope(request: FastifyRequest, ring: KeyRing | undefined): void {
  const { scope = "open" } = request.routeOptions.config;
  if (ring === undefined || scope === "open") return;
  const key = ring.find(tokenOf(request));
  if (key === undefined) throw new TailrecError("NO_KEY", "expected a key that this service knows");
  if (key.scopes.includes(scope) || key.scopes.includes("admin")) return;
  throw new TailrecError("KEY_NOT_ALLOWED", `the key "${key.name}" lacks the scope ${scope}`);
}

const ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE";

/** CORS for the named origins; a browser keeps all others out. */
function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook("onRequest", async ({ headers }, reply) => {
    reply.header("vary", "origin");
    if (headers.origin !== undefined && origins.includes(headers.origin)) {
      reply.header("access-control-allow-origin", headers.origin);
    }
  });
  app.options("/*", (_, reply) =>
    reply
      .headers({
        "access-control-allow-methods": ALLOWED_METHODS,
        "access-control-allow-headers": "authorization, content-type, x-request-id",
        "access-control-max-age": "600",
      })
      .code(204)
      .send(),
  );
}
