/** Failures as HTTP answers: RFC 9457 problem documents by the one table of errors. Nothing of the inside gets out. */
import type { FastifyError } from "fastify";
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

/** Where the table's own remedy is for those who have the command line at hand. */
const remedies: { readonly [Code in ErrorCode]?: string } = {
  INVALID_OPTIONS: "correct what the detail names; /docs of this service says what each endpoint takes",
  INVALID_ARGUMENT: "correct what the detail names; /docs of this service says what each endpoint takes",
};

/** The problem that a failure is; whatever has no code of the table is INTERNAL, and its message stays in the log. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = error instanceof TailrecError ? error : transportError(error);
  const code = known?.code ?? "INTERNAL";
  const { http, meaning, remedy: atTerminal } = ERROR_TABLE[code];
  const remedy = remedies[code] ?? atTerminal;
  const detail = known === undefined || code === "INTERNAL" ? "the log has more under this request id" : known.message;
  return { type: `urn:tailrec:${code}`, title: meaning, status: http, detail, code, remedy, requestId };
}

/** What the transport refuses before a handler is asked, in the words of the table. */
function transportError(error: unknown): TailrecError | undefined {
  const { statusCode: status, code } = error instanceof Error ? (error as Partial<FastifyError>) : {};
  if (code === "FST_ERR_BAD_URL") {
    return new TailrecError(
      "INVALID_OPTIONS",
      "the address is not one: write % as %25, and other signs by their UTF-8",
    );
  }
  if (status === 413) return new TailrecError("TOO_LARGE", "the body is larger than the service's bodyLimit");
  if (status === 415) return new TailrecError("UNSUPPORTED_FORMAT", "expected a body of application/json");
  if (status === 400) return new TailrecError("INVALID_OPTIONS", "the body is not the JSON that its headers promise");
  if (status === 408) return new TailrecError("UNAVAILABLE", "the request did not arrive in time");
  return undefined;
}
