/** What a request says, as one record for the schema of its endpoint: the query of a GET, else the body, and the names in the path. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { TailrecError } from "../errors.ts";
import { uploadedBody } from "./upload.ts";

type Values = Readonly<Record<string, unknown>>;

/** JSON, and nothing at all where a client that has nothing to say names a type all the same. */
export function acceptJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else parse(request, body, done);
  });
}

/** INVALID_OPTIONS for what no schema is asked about: no object, too deep, or one name with two values. */
export async function requestValues(request: FastifyRequest): Promise<Values> {
  const path = request.params as Readonly<Record<string, string>>;
  const given = await givenBeside(request);
  for (const [name, value] of Object.entries(path)) {
    if (!Object.hasOwn(given, name) || given[name] === value) continue;
    throw invalid(`the address says ${name} "${value}", and what is sent with it ${JSON.stringify(given[name])}`);
  }
  return { ...given, ...path };
}

async function givenBeside(request: FastifyRequest): Promise<Values> {
  if (request.method === "GET") return queryOf(request.query as Values);
  return request.isMultipart() ? uploadedBody(request) : bodyOf(request.body);
}

function queryOf(query: Values): Values {
  const repeated = Object.keys(query).find((name) => Array.isArray(query[name]));
  if (repeated === undefined) return query;
  throw invalid(`expected one ${repeated} in the address, received ${(query[repeated] as unknown[]).length}`);
}

/** No request means more levels; what reads them calls itself at each. */
const DEEPEST = 64;

function isDeep(body: unknown): boolean {
  let level = [body];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    level = level.flatMap((value): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    );
  }
  return level.length > 0;
}

function bodyOf(body: unknown): Values {
  if (body === undefined || body === null) return {};
  if (isDeep(body)) throw invalid(`expected at most ${DEEPEST} levels of JSON`);
  if (typeof body === "object" && !Array.isArray(body)) return body as Values;
  throw invalid("expected a JSON object as the body");
}

function invalid(message: string): TailrecError {
  return new TailrecError("INVALID_OPTIONS", message);
}
