/**
 * A picture from an http(s) address, for pipelines that allow it: at most so many bytes, so much time and so few redirects, and
 * only from addresses that the guard allows; each redirect, and the address really connected to, is judged like the first.
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { TailrecError } from "../../errors.ts";
import { type AddressGuard, addressGuard, forbiddenAddress, guardedLookup } from "./address-guard.ts";

export interface WebLimits {
  readonly maximumBytes: number;
  /** Time for the whole of one picture, redirects included. */
  readonly timeoutSeconds: number;
  /** CIDR ranges that may be fetched from though they are not public. */
  readonly allowedRanges: readonly string[];
}

const MAXIMUM_REDIRECTS = 5;

/** The bytes at `address`. FORBIDDEN_INPUT, UNREADABLE_INPUT (too large) or FILE_NOT_FOUND (anything else) with the reason. */
export async function fetchPicture(address: string, limits: WebLimits, signal?: AbortSignal): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(1000 * limits.timeoutSeconds);
  const ending = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const guard = addressGuard(limits.allowedRanges);
  try {
    return await readBody(await follow(new URL(address), guard, ending), limits.maximumBytes);
  } catch (cause) {
    const refusal = refusalIn(cause);
    if (refusal !== undefined) throw refusal;
    const reason = timeout.aborted ? `no whole answer within ${limits.timeoutSeconds} s` : messageOf(cause);
    throw new TailrecError("FILE_NOT_FOUND", `could not be fetched: ${reason}`, { cause });
  }
}

/** The answer at the end of the redirects. */
async function follow(start: URL, guard: AddressGuard, signal: AbortSignal): Promise<IncomingMessage> {
  let url = start;
  for (let hop = 0; hop <= MAXIMUM_REDIRECTS; hop++) {
    const response = await answerOf(url, guard, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status < 300 || status >= 400 || location === undefined) return response;
    response.destroy();
    url = new URL(location, url);
  }
  throw new Error(`more than ${MAXIMUM_REDIRECTS} redirects`);
}

function answerOf(url: URL, guard: AddressGuard, signal: AbortSignal): Promise<IncomingMessage> {
  const { protocol, hostname } = url;
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TailrecError("FORBIDDEN_INPUT", `redirected to ${protocol} where only http and https are allowed`);
  }
  // A name that is an address already is never looked up.
  const literal = hostname.replace(/^\[|\]$/g, "");
  if (/^[\d.]+$|:/.test(literal) && !guard(literal)) throw forbiddenAddress(literal, literal);
  const headers = { accept: "image/*", "accept-encoding": "identity", "user-agent": "tailrec" };
  const get = protocol === "https:" ? https.get : http.get;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers, lookup: guardedLookup(guard), signal }, resolve);
    request.once("error", reject);
    request.once("socket", (socket) => {
      socket.once("connect", () => {
        const { remoteAddress = "unknown" } = socket;
        if (!guard(remoteAddress)) request.destroy(forbiddenAddress(hostname, remoteAddress));
      });
    });
  });
}

async function readBody(response: IncomingMessage, maximumBytes: number): Promise<Uint8Array> {
  const { statusCode, headers } = response;
  try {
    if (statusCode !== 200) throw new Error(`the server answered ${statusCode}`);
    const encoding = headers["content-encoding"] ?? "identity";
    if (encoding !== "identity")
      throw new Error(`the server sent it compressed (${encoding}), which was not asked for`);
    if (Number(headers["content-length"] ?? 0) > maximumBytes) throw tooLarge(maximumBytes);
    return await collect(response, maximumBytes);
  } finally {
    response.destroy();
  }
}

/** Never more than `maximumBytes` in memory, whatever the header said. */
async function collect(response: IncomingMessage, maximumBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maximumBytes) throw tooLarge(maximumBytes);
    chunks.push(chunk);
  }
  // A buffer of its own, not a slice of a pool.
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function tooLarge(maximumBytes: number): TailrecError {
  return new TailrecError(
    "UNREADABLE_INPUT",
    `more than ${maximumBytes} bytes; raise features.image.urls.maximumBytes if that is right`,
  );
}

/** The refusal itself, or the one that Node wrapped. */
function refusalIn(cause: unknown): TailrecError | undefined {
  if (cause instanceof TailrecError) return cause;
  if (cause instanceof AggregateError) return cause.errors.map(refusalIn).find((error) => error !== undefined);
  return undefined;
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Node's error of several failed connections has no message of its own.
  return cause.message || ("code" in cause ? String(cause.code) : cause.name);
}
