/**
 * Requests that arrive by chance at a steady rate, as those of many people do (a Poisson process, the same one each time). A request is
 * timed from when it was due, so that whoever waits because others were slow counts in full. autocannon sends the requests of a second
 * one behind the other at its beginning, over a few connections, which is another question.
 */
import { Agent, request as httpRequest } from "node:http";
import { createRandom } from "../src/math/random.ts";

export interface SteadyRequest {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string | Buffer;
  readonly headers?: object;
}

export interface SteadyLoad {
  readonly url: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly ask: (n: number) => SteadyRequest;
}

export interface SteadyFigures {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answered requests a second. */
  readonly rate: number;
  readonly failed: number;
}

/** Timers count whole milliseconds: being late by one is none of the service's. */
const TIMER_MS = 1;

export async function steadyLoad({ url, rate, seconds, ask }: SteadyLoad): Promise<SteadyFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const random = createRandom(1);
  const times: number[] = [];
  const running: Promise<void>[] = [];
  let failed = 0;
  const send = async (n: number, due: number): Promise<void> => {
    const status = await answered(agent, url, ask(n)).catch(() => 0);
    times.push(performance.now() - due);
    if (status < 200 || status > 299) failed++;
  };
  const begin = performance.now();
  let due = begin;
  for (let n = 0; due < begin + 1000 * seconds; n++) {
    const left = due - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    running.push(send(n, Math.max(due, performance.now() - TIMER_MS)));
    due -= (1000 / rate) * Math.log(1 - random.next());
  }
  await Promise.all(running);
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return { p50: at(0.5), p99: at(0.99), rate: (1000 * times.length) / (performance.now() - begin), failed };
}

function answered(agent: Agent, url: string, { method, path, body, headers }: SteadyRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers: { ...headers } };
    const sent = httpRequest(new URL(path ?? "/", url), options, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
