/**
 * What went wrong with a store, in five words that one can act on: unreachable, denied, mismatch, busy, failed. A client's own message is
 * kept, without the secret.
 */
import { type ErrorCode, TailrecError } from "../errors.ts";
import type { StoreTarget } from "./store-target.ts";

/** The `code` of a system or database error. */
export function errorCodeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** What a status of HTTP says that is none of success. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return "STORE_DENIED";
  return [408, 429, 502, 503, 504].includes(status) ? "STORE_UNREACHABLE" : "STORE_FAILED";
}

const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|UND_ERR|fetch failed|terminated|socket hang up|timed? ?out|Connection terminated|aborted/i;

/** The error as a TailrecError; `codeOf` tells what the store's own codes mean, where they mean more than the message. */
export function storeError(
  cause: unknown,
  { url, secret }: Pick<StoreTarget, "url" | "secret">,
  codeOf: (error: unknown) => ErrorCode | undefined = () => undefined,
): TailrecError {
  if (cause instanceof TailrecError) return cause;
  const message = withoutSecret(describe(cause), secret);
  const code = codeOf(cause) ?? (UNREACHABLE.test(message) ? "STORE_UNREACHABLE" : "STORE_FAILED");
  return new TailrecError(code, `${url}: ${message}; ${REMEDIES[code] ?? "readers see what they saw before"}`);
}

/** STORE_MISMATCH: what stands under the name of the collection was made by somebody else, and is left alone. */
export function nameTaken(url: string, collection: string): TailrecError {
  const message = `${url}: "${collection}" is there, and no push of tailrec made it; name another collection`;
  return new TailrecError("STORE_MISMATCH", message);
}

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  STORE_UNREACHABLE: "check the address and that the store runs, then push again: it goes on where it stopped",
  STORE_DENIED: "check the user in the address, and the secret in the environment or its file",
  STORE_FAILED: "readers see what they saw before; make room or mend what the store names, then push again",
  STORE_MISMATCH: "push again, or name another collection",
};

/** The message with those of its causes and its codes. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const parts = [errorCodeOf(cause), cause.message || cause.name];
  if (cause instanceof AggregateError) parts.push(...cause.errors.map(describe));
  if (cause.cause !== undefined) parts.push(describe(cause.cause));
  return [...new Set(parts.filter((part) => part !== undefined && part !== ""))].join(": ");
}

function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === "" ? text : text.replaceAll(secret, "***");
}

/** The work, which has failed once it takes longer than the target allows. */
export async function withinTime<T>(
  { url, timeoutMs }: Pick<StoreTarget, "url" | "timeoutMs">,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${url}: no answer within ${timeoutMs / 1000} s; check that the store is not overloaded, then push again`;
    timer = setTimeout(() => reject(new TailrecError("STORE_UNREACHABLE", message)), timeoutMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
