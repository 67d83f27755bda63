/** Failures as HTTP answers: RFC 9457 problem documents by the one table of errors. Nothing of the inside gets out. */
import { ERROR_TABLE, type ErrorCode, TailrecError } from "../errors.ts";

export interface Problem {
  /** A name for the kind of failure, the same in every answer of it. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly requestId: string;
}

export const PROBLEM_TYPE = "application/problem+json";

/** The problem that a failure is; whatever has no code of the table is INTERNAL, and its message stays in the log. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = error instanceof TailrecError ? error : transportError(error);
  const code = known?.code ?? "INTERNAL";
  const { http, meaning, remedy } = ERROR_TABLE[code];
  const detail = known === undefined || code === "INTERNAL" ? "the log has more under this request id" : known.message;
  return { type: `urn:tailrec:${code}`, title: meaning, status: http, detail, code, remedy, requestId };
}

/** What the transport refuses before a handler is asked, in the words of the table. */
function transportError(error: unknown): TailrecError | undefined {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (status === 413) return new TailrecError("TOO_LARGE", "the body is larger than the service's bodyLimit");
  if (status === 415) return new TailrecError("UNSUPPORTED_FORMAT", "expected a body of application/json");
  if (status === 400) return new TailrecError("INVALID_OPTIONS", "the body is not the JSON that its headers promise");
  if (status === 408) return new TailrecError("UNAVAILABLE", "the request did not arrive in time");
  return undefined;
}
