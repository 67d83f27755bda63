/** A typed client of the service, from the same record of endpoints: `createClient({ url }).similar({ item })`. */
import { TailrecError } from "../errors.ts";
import { type AnswerOf, contract, type EndpointName, endpointNames, type RequestOf } from "./contract/contract.ts";
import { type Endpoint, pathNames } from "./contract/endpoint.ts";
import type { Problem } from "./problem.ts";

export interface ClientOptions {
  /** Where the service is, such as "http://127.0.0.1:8080". */
  readonly url: string;
  readonly key?: string;
  readonly fetch?: typeof fetch;
}

export type Client = {
  /** Errors: a TailrecError with the code that the service answered, UNAVAILABLE where nothing answers. */
  readonly [Name in EndpointName]: (request: RequestOf<Name>, signal?: AbortSignal) => Promise<AnswerOf<Name>>;
};

export function createClient(options: ClientOptions): Client {
  const calls = endpointNames.map((name) => [
    name,
    (request: Readonly<Record<string, unknown>>, signal?: AbortSignal) =>
      call(contract[name], request, options, signal),
  ]);
  return Object.fromEntries(calls) as Client;
}

async function call(
  { method, path }: Endpoint,
  request: Readonly<Record<string, unknown>>,
  { url, key, fetch: send = fetch }: ClientOptions,
  signal?: AbortSignal,
): Promise<unknown> {
  const inPath = pathNames(path);
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(request[name])));
  const rest = Object.entries(request).filter(([name, value]) => !inPath.includes(name) && value !== undefined);
  const address = new URL(filled, url);
  if (method === "GET") for (const [name, value] of rest) address.searchParams.set(name, String(value));
  const body = method === "GET" || rest.length === 0 ? undefined : JSON.stringify(Object.fromEntries(rest));
  const headers = {
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  const response = await send(address, { method, headers, body, signal }).catch((cause: unknown) => {
    throw new TailrecError("UNAVAILABLE", `nothing answers at ${address.origin}`, { cause });
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { code, detail } = answer as Problem;
  throw new TailrecError(code, detail);
}
