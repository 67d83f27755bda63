/** The HTTP application: every endpoint of the contract, requests checked by its schemas, failures as problem documents. */
import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { TailrecError } from "../errors.ts";
import { parseOptions } from "../options.ts";
import { type AccessOptions, guardAccess } from "./access.ts";
import { answerBroken } from "./broken-request.ts";
import { contract, type EndpointName, endpointNames } from "./contract/contract.ts";
import type { Endpoint } from "./contract/endpoint.ts";
import type { Call, Handlers } from "./handlers/handler.ts";
import { PROBLEM_TYPE, problemOf } from "./problem.ts";
import { acceptJson, requestValues } from "./request-values.ts";
import type { createStopping } from "./stopping.ts";
import { unknownAddress } from "./unknown-address.ts";
import { acceptUploads } from "./upload.ts";

/** What the log says of an answered request: no id, no text and no address of anybody. */
export interface LogLine {
  readonly time: string;
  readonly requestId: string;
  readonly method: string;
  /** The path with names in place of ids. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The failure behind a status of 500, with its stack. */
  readonly failure?: string;
}

export interface AppOptions extends AccessOptions {
  readonly stopping: ReturnType<typeof createStopping>;
  readonly bodyLimit: number;
  readonly trustedProxies: readonly string[];
  readonly requestTimeoutSeconds: number;
  readonly onLine?: (line: LogLine) => void;
}

/** A caller's own request id, so that it is the same in the logs of both; anything that is no plain word is replaced. */
const REQUEST_ID = /^[\w.:-]{1,100}$/;

/** Beyond these a request would wait longer than its caller does. */
const MOST_AT_ONCE = 2000;

/** How late a connection may be found to be too slow. */
const MOST_BETWEEN_CHECKS_MS = 5000;

/** Whoever opens more must wait until others go. */
const MOST_CONNECTIONS = 10_000;

/** The application over its handlers, not yet listening. */
export async function createApp(handlers: Handlers, options: AppOptions): Promise<FastifyInstance> {
  const requestMs = 1000 * options.requestTimeoutSeconds;
  const app = Fastify({
    logger: false,
    bodyLimit: options.bodyLimit,
    trustProxy: [...options.trustedProxies],
    requestTimeout: requestMs,
    connectionTimeout: 2 * requestMs,
    // A longer time for heads would stand for that of bodies too: Node.js holds a body against its own time only where heads have no more.
    http: { headersTimeout: requestMs, connectionsCheckingInterval: Math.min(MOST_BETWEEN_CHECKS_MS, requestMs / 4) },
    clientErrorHandler: answerBroken,
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"]),
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply as FastifyReply),
    routerOptions: { maxParamLength: 1000, ignoreTrailingSlash: true },
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  options.stopping.watch(app);
  const failures = new WeakMap<FastifyRequest, unknown>();
  app.setErrorHandler((error, request, reply) => {
    failures.set(request, error);
    return sendProblem(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    return sendProblem(unknownAddress(request.method, request.url), request, reply);
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ "x-request-id": request.id, "cache-control": "no-store", "x-content-type-options": "nosniff" });
    if (options.stopping.running() > MOST_AT_ONCE) throw new TailrecError("UNAVAILABLE", "too many requests at once");
    if (!options.stopping.isStopping() || request.routeOptions.url === contract.live.path) return;
    reply.header("connection", "close");
    throw new TailrecError("UNAVAILABLE", "the service is stopping");
  });
  app.addHook("onResponse", async (request, reply) => {
    options.onLine?.(logLine(request, reply, failures.get(request)));
  });
  await guardAccess(app, options);
  acceptJson(app);
  await acceptUploads(app, options.bodyLimit);
  for (const name of endpointNames) addEndpoint(app, contract[name], answering(name, handlers));
  return app;
}

type Answering = (request: unknown, call: Call) => Promise<unknown>;

/** The handler of one endpoint behind its schema. */
function answering<Name extends EndpointName>(name: Name, handlers: Handlers): Answering {
  const handle = handlers[name] as (request: unknown, call: Call) => Promise<unknown>;
  return async (request, call) => handle(parseOptions(contract[name].request, request, name), call);
}

/** Bodies that hold no picture. */
const PLAIN_BODY = 1_000_000;

function addEndpoint(
  app: FastifyInstance,
  { method, path, scope, request: { shape } }: Endpoint,
  answer: Answering,
): void {
  app.route({
    method,
    url: path,
    config: { scope },
    ...("image" in shape ? {} : { bodyLimit: PLAIN_BODY }),
    handler: async (request, reply) => {
      if (request.isMultipart() && !("image" in shape)) {
        throw new TailrecError("UNSUPPORTED_FORMAT", "expected a body of application/json");
      }
      const asked = await requestValues(request);
      const answered = await inTime((signal) =>
        answer(asked, { requestId: request.id, signal, elapsed: () => reply.elapsedTime }),
      );
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(answered));
    },
  });
}

/** What a caller may ask of an answer: longer means that the service has more to do than it can. */
const ANSWER_SECONDS = 30;

async function inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const cancelled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      cancelled.abort();
      reject(new TailrecError("UNAVAILABLE", `no answer within ${ANSWER_SECONDS} s`));
    }, 1000 * ANSWER_SECONDS);
  });
  try {
    return await Promise.race([work(cancelled.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id);
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

function logLine(request: FastifyRequest, reply: FastifyReply, failure: unknown): LogLine {
  const known = failure instanceof Error && reply.statusCode >= 500 ? failure : undefined;
  return {
    time: new Date().toISOString(),
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? "unknown",
    status: reply.statusCode,
    milliseconds: Math.round(1000 * reply.elapsedTime) / 1000,
    ...(known !== undefined && { failure: known.stack ?? known.message }),
  };
}
