/**
 * A server that takes Qdrant's requests over HTTP: every body is held against qdrant-schema.ts, points are kept, and search is exact.
 * Answers have the form of the OpenAPI document. What a test wants to go wrong is told to it: a full disk, an unknown key.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Condition, type QdrantFilter, requests } from "./qdrant-schema.ts";

interface Point {
  readonly id: number | string;
  readonly vector: readonly number[];
  readonly payload?: Readonly<Record<string, unknown>>;
}

interface Collection {
  readonly size: number;
  readonly distance: string;
  readonly indexed: Set<string>;
  readonly points: Map<number | string, Point>;
}

export interface QdrantServer {
  readonly port: number;
  /** Requests that were no valid ones; a client that keeps to the document causes none. */
  readonly invalid: string[];
  /** Makes points be refused as a full disk does. */
  full: boolean;
  stop(): Promise<void>;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function startQdrant(apiKey: string): Promise<QdrantServer> {
  const collections = new Map<string, Collection>();
  const aliases = new Map<string, string>();
  const state = { invalid: [] as string[], full: false };
  const server = createServer((request, response) => {
    answer(request)
      .then((result) => send(response, 200, { result, status: "ok", time: 0 }))
      .catch((error: unknown) => {
        const status = error instanceof Refusal ? error.status : 500;
        const message = error instanceof Error ? error.message : String(error);
        if (status === 400 || status === 500) state.invalid.push(`${request.method} ${request.url}: ${message}`);
        send(response, status, { status: { error: message }, time: 0 });
      });
  });

  async function answer(request: IncomingMessage): Promise<unknown> {
    const text = await bodyOf(request);
    if (request.headers["api-key"] !== apiKey)
      throw new Refusal(401, "Must provide an API key or an Authorization bearer token");
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const [root, name = "", part = "", action = ""] = pathname.split("/").slice(1).map(decodeURIComponent);
    const route = [request.method, root, name === "" || name === "aliases" ? name : "*", part, action].join(" ").trim();
    const body = <K extends keyof typeof requests>(kind: K): ReturnType<(typeof requests)[K]["parse"]> => {
      const parsed = requests[kind].safeParse(JSON.parse(text));
      if (!parsed.success) throw new Refusal(400, `${kind}: ${parsed.error.message}`);
      return parsed.data as ReturnType<(typeof requests)[K]["parse"]>;
    };
    const collection = (): Collection => {
      const found = collections.get(aliases.get(name) ?? name);
      if (found === undefined) throw new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
      return found;
    };
    switch (route) {
      case "GET collections":
        return { collections: [...collections.keys()].map((other) => ({ name: other })) };
      case "GET aliases":
        return { aliases: [...aliases].map(([alias_name, collection_name]) => ({ alias_name, collection_name })) };
      case "GET collections *":
        collection();
        return { status: "green" };
      case "PUT collections *": {
        if (collections.has(name)) throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
        const { vectors } = body("CreateCollection");
        collections.set(name, { ...vectors, indexed: new Set(), points: new Map() });
        return true;
      }
      case "DELETE collections *":
        return collections.delete(name);
      case "PUT collections * index":
        collection().indexed.add(body("CreateFieldIndex").field_name);
        return { operation_id: 0, status: "completed" };
      case "POST collections aliases":
        for (const change of body("ChangeAliasesOperation").actions) {
          if ("delete_alias" in change) aliases.delete(change.delete_alias.alias_name);
          else aliases.set(change.create_alias.alias_name, change.create_alias.collection_name);
        }
        return true;
      case "PUT collections * points":
        if (state.full) throw new Refusal(507, "Service internal error: No space left on device");
        for (const point of body("PointsList").points) {
          const { size, points } = collection();
          if (point.vector.length !== size) throw new Refusal(400, `expected dim: ${size}, got ${point.vector.length}`);
          points.set(point.id, point);
        }
        return { operation_id: 1, status: "completed" };
      case "POST collections * points":
        return body("PointRequest").ids.flatMap((id) => collection().points.get(id) ?? []);
      case "POST collections * points count":
        body("CountRequest");
        return { count: collection().points.size };
      case "POST collections * points scroll": {
        const { filter = {}, limit = 10 } = body("ScrollRequest");
        return { points: matching(collection(), filter).slice(0, limit), next_page_offset: null };
      }
      case "POST collections * points query": {
        const { query, filter = {}, limit = 10 } = body("QueryRequest");
        const { distance } = collection();
        const scored = matching(collection(), filter).map((point) => ({
          ...point,
          version: 0,
          score: scoreOf(query, point.vector, distance),
        }));
        return { points: scored.sort((a, b) => b.score - a.score).slice(0, limit) };
      }
      default:
        throw new Refusal(400, `no such route: ${route}`);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function send(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(document));
}

function scoreOf(a: readonly number[], b: readonly number[], distance: string): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, d) => sum + value * y[d], 0);
  return distance === "Dot" ? dot(a, b) : dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** A filter needs an index on what it names: without one Qdrant reads every payload, and in strict mode refuses. */
function matching({ points, indexed }: Collection, filter: QdrantFilter): Point[] {
  for (const key of keysOf(filter)) {
    if (!indexed.has(key)) throw new Refusal(400, `Index required but not found for "${key}"`);
  }
  return [...points.values()].filter(({ payload = {} }) => holds(filter, payload));
}

function keysOf(condition: Condition): string[] {
  if ("key" in condition) return [condition.key];
  if ("is_empty" in condition) return [condition.is_empty.key];
  const { must = [], should = [], must_not = [] } = condition as QdrantFilter;
  return [...must, ...should, ...must_not].flatMap(keysOf);
}

function holds(condition: Condition, payload: Readonly<Record<string, unknown>>): boolean {
  if ("is_empty" in condition) return valuesAt(payload, condition.is_empty.key).length === 0;
  if ("match" in condition) {
    const wanted: readonly unknown[] = "any" in condition.match ? condition.match.any : [condition.match.value];
    return valuesAt(payload, condition.key).some((value) => wanted.includes(value));
  }
  if ("range" in condition) {
    const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = condition.range;
    return valuesAt(payload, condition.key).some((value) => {
      const number = Number(value);
      return number > gt && number >= gte && number < lt && number <= lte;
    });
  }
  const { must = [], should, must_not = [] } = condition as QdrantFilter;
  return (
    must.every((part) => holds(part, payload)) &&
    !must_not.some((part) => holds(part, payload)) &&
    (should === undefined || should.some((part) => holds(part, payload)))
  );
}

/** What stands at a path such as `attributes."price in EUR"`: a list's values, or the one value. */
function valuesAt(payload: Readonly<Record<string, unknown>>, path: string): unknown[] {
  const keys = (path.match(/"[^"]*"|[^."]+/g) ?? []).map((key) => key.replaceAll('"', ""));
  let value: unknown = payload;
  for (const key of keys) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
