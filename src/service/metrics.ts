/** Figures of the running service in the text form of Prometheus: traffic, latency, lists, unknown ids, events, the event loop. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { LogLine } from "./app.ts";
import type { ListAnswer } from "./contract/answers.ts";

export interface Metrics {
  countRequest(line: LogLine): void;
  countList(list: ListAnswer): void;
  countEvents(accepted: number, repeated: number): void;
  /** Content type and text. */
  text(): Promise<readonly [string, string]>;
}

/** Support up to which a place of a list counts as tail. */
const TAIL_SUPPORT = 10;

/** What answers now. */
export interface ServedFigures {
  readonly items: number;
  readonly fingerprint: string;
  /** Items whose neighbours are kept. */
  readonly neighbours: number;
}

export function createMetrics(now: () => ServedFigures): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: "tailrec_request_seconds",
    help: "time of answers by route and status",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const counter = <Name extends string>(name: string, help: string, labelNames: Name[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const lists = counter("tailrec_lists_total", "lists by what made them and variant", ["by", "variant"]);
  const places = counter("tailrec_list_places_total", "places of lists by what the item rests on", ["kind"]);
  const unknown = counter("tailrec_unknown_ids_total", "ids of requests that the model does not know", ["of"]);
  const events = counter("tailrec_events_total", "events that were sent", ["answer"]);
  const items = new Gauge({ name: "tailrec_items", help: "items of the bundle", registers });
  const kept = new Gauge({ name: "tailrec_neighbours_kept", help: "items whose neighbours are kept", registers });
  const bundle = new Gauge({
    name: "tailrec_bundle_info",
    help: "1 for the bundle that answers",
    labelNames: ["fingerprint"],
    registers,
  });
  return {
    countRequest: ({ method, route, status, milliseconds }) =>
      seconds.observe({ method, route, status: String(status) }, milliseconds / 1000),
    countList: (list) => {
      lists.inc({ by: list.by, variant: list.variant ?? "" });
      for (const { support } of list.items) {
        places.inc({ kind: support === 0 ? "new" : support <= TAIL_SUPPORT ? "tail" : "known" });
      }
      unknown.inc({ of: "item" }, list.unknown.items.length);
      unknown.inc({ of: "user" }, list.unknown.users.length);
    },
    countEvents: (accepted, repeated) => {
      events.inc({ answer: "accepted" }, accepted);
      events.inc({ answer: "repeated" }, repeated);
    },
    text: async () => {
      const { items: count, fingerprint, neighbours } = now();
      items.set(count);
      kept.set(neighbours);
      bundle.reset();
      bundle.set({ fingerprint: fingerprint.slice(0, 12) }, 1);
      return [registry.contentType, await registry.metrics()];
    },
  };
}
