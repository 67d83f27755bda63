/**
 * What never became a request: bytes that are not HTTP, heads that are too long or too slow. Node.js gives these a bare socket; the
 * answer is a problem document as everywhere, and the connection ends.
 */
import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { TailrecError } from "../errors.ts";
import { PROBLEM_TYPE, problemOf } from "./problem.ts";

export function answerBroken(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(failureOf(error.code), randomUUID());
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${problem.requestId}`,
    "x-content-type-options: nosniff",
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

/** By the codes of Node.js and of its parser. */
function failureOf(code: string | undefined): TailrecError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new TailrecError("UNAVAILABLE", "the request did not arrive in time");
  }
  if (code === "HPE_HEADER_OVERFLOW") return new TailrecError("TOO_LARGE", "the head is larger than Node.js accepts");
  return new TailrecError("INVALID_OPTIONS", "what was sent is not HTTP/1.1");
}
