/** A connection to PostgreSQL by pg, which is installed only where this store is. One that breaks is made anew by the next call. */
import type { ErrorCode } from "../../errors.ts";
import { loadClient } from "../store-client.ts";
import { errorCodeOf, storeError, withinTime } from "../store-errors.ts";
import type { StoreTarget } from "../store-target.ts";

export const packages = ["pg@8"];

interface PgClient {
  connect(): Promise<unknown>;
  query(query: object): Promise<{ readonly rows?: readonly Record<string, unknown>[] }>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

interface PgModule {
  readonly default: { readonly Client: new (options: object) => PgClient };
}

/** Rows of a statement, within a limit of time. Without parameters several statements may be sent as one. */
export type Run = (
  text: string,
  values?: readonly unknown[],
  limitMs?: number,
) => Promise<readonly Record<string, unknown>[]>;

export interface Connection {
  readonly run: Run;
  end(): Promise<void>;
}

/** Connects with the first statement. */
export async function connectionTo(target: StoreTarget): Promise<Connection> {
  const { default: pg } = await loadClient<PgModule>("pg", packages);
  const { url, secret, timeoutMs } = target;
  const timeouts = { connectionTimeoutMillis: timeoutMs, statement_timeout: timeoutMs };
  const options = { connectionString: url, ...timeouts, ...(secret !== undefined && { password: secret }) };
  let client: PgClient | undefined;
  const connected = async (): Promise<PgClient> => {
    if (client !== undefined) return client;
    const opened = new pg.Client(options);
    // A connection that breaks is made anew by the next call.
    opened.on("error", () => {
      client = undefined;
    });
    await opened.connect();
    client = opened;
    return opened;
  };
  const run: Run = async (text, values = [], limit = timeoutMs) => {
    const query = { text, query_timeout: limit, ...(values.length > 0 && { values }) };
    try {
      const send = async () => (await (await connected()).query(query)).rows ?? [];
      return await withinTime({ url, timeoutMs: limit }, send);
    } catch (cause) {
      const error = storeError(cause, target, codeOf);
      if (error.code === "STORE_UNREACHABLE") client = undefined;
      throw error;
    }
  };
  return {
    run,
    end: async () => {
      await client?.end().catch(() => undefined);
    },
  };
}

/** Classes of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function codeOf(error: unknown): ErrorCode | undefined {
  const code = errorCodeOf(error) ?? "";
  if (/^(28|42501)/.test(code)) return "STORE_DENIED";
  if (/^(08|57P|3D000)/.test(code)) return "STORE_UNREACHABLE";
  if (/^(53|54)/.test(code)) return "STORE_FAILED";
  return undefined;
}
