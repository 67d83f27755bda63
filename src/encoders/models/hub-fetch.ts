/**
 * The `fetch` that the hub's library is given. It ends with the run, and when a server is silent: no answer, or no further byte, within
 * the time-out. What is not the file itself is short: an answer of the interface, or of an error, stops at a limit.
 */
import type { RunContext } from "../../run-context.ts";

export interface HubLimits extends RunContext {
  /** Longest silence of a server, in seconds. */
  readonly timeoutSeconds?: number;
}

const TIMEOUT_SECONDS = 30;
const LONGEST_ANSWER = 4_000_000;

/** Rejects when the server is silent or the run cancelled; a body that falls silent or is too long errors while it is read. */
export function hubFetch({ signal, timeoutSeconds = TIMEOUT_SECONDS }: HubLimits): typeof fetch {
  return async (input, init) => {
    const controller = new AbortController();
    const silence = watchdog(1000 * timeoutSeconds, () =>
      controller.abort(new Error(`the server was silent for ${timeoutSeconds} s`)),
    );
    const ending = signal === undefined ? controller.signal : AbortSignal.any([controller.signal, signal]);
    try {
      const response = await fetch(input, { ...init, signal: ending });
      silence.restart();
      const headers = new Headers(init?.headers);
      // Of a question for the size the headers are the answer; a server that ignores the range would send the whole file.
      if (response.ok && headers.get("range") === "bytes=0-0") {
        await response.body?.cancel();
        silence.stop();
        return new Response(null, { status: response.status, headers: response.headers });
      }
      const isFile = response.ok && !new URL(String(input)).pathname.includes("/api/");
      return watched(response, silence, isFile ? Number.POSITIVE_INFINITY : LONGEST_ANSWER);
    } catch (error) {
      silence.stop();
      throw error;
    }
  };
}

interface Watchdog {
  restart(): void;
  stop(): void;
}

/** Calls `act` once nothing has restarted it for so long. */
function watchdog(milliseconds: number, act: () => void): Watchdog {
  // Whoever stops reading leaves a timer behind, which must not keep the process alive.
  let timer = setTimeout(act, milliseconds).unref();
  return {
    restart: () => {
      clearTimeout(timer);
      timer = setTimeout(act, milliseconds).unref();
    },
    stop: () => clearTimeout(timer),
  };
}

/** The response with a body that feeds the watchdog and errors beyond `longest` bytes. */
function watched(response: Response, silence: Watchdog, longest: number): Response {
  const { status, statusText, headers, body } = response;
  if (body === null) {
    silence.stop();
    return response;
  }
  let length = 0;
  const watching = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      silence.restart();
      length += chunk.length;
      if (length > longest) throw new Error(`an answer has more than ${longest} bytes`);
      controller.enqueue(chunk);
    },
    flush: () => silence.stop(),
  });
  return new Response(body.pipeThrough(watching), { status, statusText, headers });
}
