/** `tailrec serve`: a bundle that answers over HTTP, from its start to a stop in which no request in flight is lost. */
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { TailrecError } from "../errors.ts";
import { parseOptions } from "../options.ts";
import { openRecommender } from "../serving/recommender.ts";
import type { Experiment } from "../traffic/experiment.ts";
import { createApp, type LogLine } from "./app.ts";
import { bundleName } from "./bundle-name.ts";
import { readExperiment } from "./experiment-file.ts";
import { logExposure } from "./exposures.ts";
import { giveBackGarbage } from "./garbage.ts";
import type { MakerOf, NamedMaker } from "./handlers/experiment-lists.ts";
import { itemHandlers } from "./handlers/item-handlers.ts";
import { type GivenList, listHandlers, type ServedBundle } from "./handlers/list-handlers.ts";
import { liveHandlers } from "./handlers/live-handlers.ts";
import { operationHandlers } from "./handlers/operation-handlers.ts";
import { trafficHandler } from "./handlers/traffic-handler.ts";
import { openKeyRing, requireKeys } from "./keys.ts";
import { createMetrics } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { servePage } from "./page/page.ts";
import { type ServiceOptions, serviceOptionsSchema } from "./service-options.ts";
import { createStopping } from "./stopping.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

export interface ServiceContext {
  /** Told of every answered request. */
  readonly onLine?: (line: LogLine) => void;
  /** Told of what failed beside any request, such as a key file that no longer parses. */
  readonly onFailure?: (error: unknown) => void;
  /** Keys as JSON, beside those of the key file; from the environment. */
  readonly keys?: string;
}

/** A service with its bundle open, not yet listening: `app.inject` asks it without a network. */
export interface Service {
  readonly app: FastifyInstance;
  /** Starts to listen; gives the address. INVALID_OPTIONS where it cannot be had. */
  listen(): Promise<string>;
  /** Takes no new request, waits for those in flight, then lets go of the bundle. */
  close(): Promise<void>;
}

/** A key that is taken away works for so long at most. */
const KEY_WATCH_MS = 2000;

/** Opens the bundle and makes the service. Errors: those of `openRecommender`, INVALID_OPTIONS. */
export async function createService(options: ServiceOptions, context: ServiceContext = {}): Promise<Service> {
  const parsed = parseOptions(serviceOptionsSchema, options, "serve");
  const { bundle, log, keptDays, cacheFolder, neighbours } = parsed;
  const recommender = await openRecommender(
    bundle,
    {},
    log === undefined ? undefined : { folder: log, keptDays, cacheFolder, onFailure: context.onFailure },
    neighbours === 0 ? undefined : { depth: neighbours, onFailure: context.onFailure },
  );
  for (const reason of await recommender.warmUp()) context.onFailure?.(reason);
  giveBackGarbage();
  const served = { name: bundleName(parsed.bundle), recommender };
  const ring = await openKeyRing({ file: parsed.keys, text: context.keys });
  requireKeys(parsed.host, ring);
  const stopping = createStopping();
  const metrics = createMetrics(() => {
    const { catalog, manifest } = recommender.bundle;
    const { filled: neighbours = 0 } = recommender.neighbours() ?? {};
    return { items: catalog.ids.length, fingerprint: manifest.fingerprint, neighbours };
  });
  const experiment = parsed.experiment === undefined ? undefined : await readExperiment(parsed.experiment);
  const traffic = {
    experiment,
    makerOf: await makersOf(experiment, served),
    onList: (given: GivenList) => {
      metrics.countList(given.answer);
      if (recommender.live !== undefined) logExposure(recommender.live, given, context.onFailure ?? ignored);
    },
  };
  const onLine = (line: LogLine): void => {
    metrics.countRequest(line);
    context.onLine?.(line);
  };
  const handlers = {
    ...listHandlers(() => served, traffic),
    ...itemHandlers(() => served),
    ...liveHandlers(() => served, metrics),
    ...trafficHandler(() => served, log, experiment),
    ...operationHandlers(() => served),
  };
  const watch = setInterval(() => void ring?.refresh().catch(context.onFailure), KEY_WATCH_MS).unref();
  const app = await createApp(handlers, { ...parsed, onLine, ring, stopping });
  const document = JSON.stringify(openApiDocument(version));
  app.get("/openapi.json", (_, reply) => reply.type("application/json; charset=utf-8").send(document));
  app.get("/metrics", { config: { scope: "read" } }, async (_, reply) => {
    const [type, text] = await metrics.text();
    return reply.type(type).send(text);
  });
  servePage(app, document);
  return {
    app,
    listen: () => listen(app, parsed),
    close: async () => {
      clearInterval(watch);
      await stopping.stop();
      await recommender.close();
    },
  };
}

function ignored(): void {}

/** Opens the bundles that variants name, each once. */
async function makersOf(experiment: Experiment | undefined, served: ServedBundle): Promise<MakerOf> {
  const makers = new Map<string, NamedMaker>();
  for (const { bundle } of experiment?.variants ?? []) {
    if (bundle === undefined || makers.has(bundle)) continue;
    makers.set(bundle, { name: bundleName(bundle), recommender: await served.recommender.beside(bundle) });
  }
  return ({ bundle }) => (bundle === undefined ? undefined : makers.get(bundle)) ?? served;
}

async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TailrecError("INVALID_OPTIONS", `cannot listen at ${host}:${port}: ${reason}`, { cause });
  }
  const { address, family, port: actual } = app.server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${actual}`;
}
