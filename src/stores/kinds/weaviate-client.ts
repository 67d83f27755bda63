/** Weaviate's REST and GraphQL interfaces by fetch: no package is needed. Reference: https://docs.weaviate.io/weaviate/api/rest */
import { codeOfStatus, storeError } from "../store-errors.ts";
import type { StoreTarget } from "../store-target.ts";

export interface WeaviateClient {
  /** Undefined for what is not there (404). Errors in tailrec's words. */
  request<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<T | undefined>;
  /** The field `root` of the data of a query. */
  query<T>(root: "Get" | "Aggregate", query: string): Promise<T>;
}

interface Problem {
  readonly error?: readonly { readonly message?: string }[];
  readonly message?: string;
}

interface GraphAnswer {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly { readonly message: string }[];
}

/** Nothing is sent before the first request. */
export function weaviateClient(target: StoreTarget): WeaviateClient {
  const { url, rest, secret, timeoutMs } = target;
  const address = `${url.startsWith("weaviates:") ? "https" : "http"}:${rest.replace(/\/$/, "")}/v1`;
  const headers = {
    "content-type": "application/json",
    ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
  };
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${address}${path}`, { method, headers, signal, ...text });
    const answer = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) {
      const refusal = new Error(`${response.status}: ${messageOf(answer)}`);
      throw storeError(refusal, target, () => codeOfStatus(response.status));
    }
    return answer === "" ? undefined : JSON.parse(answer);
  };
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw storeError(cause, target);
    }
  };
  return {
    request: <T>(method: string, path: string, body?: object) =>
      guarded(async () => (await send(method, path, body)) as T | undefined),
    query: <T>(root: string, query: string) =>
      guarded(async () => {
        const { data, errors } = ((await send("POST", "/graphql", { query })) ?? {}) as GraphAnswer;
        if (errors !== undefined) throw storeError(new Error(errors[0].message), target, () => "STORE_FAILED");
        return data?.[root] as T;
      }),
  };
}

function messageOf(answer: string): string {
  try {
    const { error, message } = JSON.parse(answer) as Problem;
    return error?.[0]?.message ?? message ?? answer;
  } catch {
    return answer.slice(0, 200);
  }
}
