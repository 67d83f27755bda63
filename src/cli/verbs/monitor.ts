/** `tailrec monitor`: whether a service still does what it did; a limit that is crossed ends with a status for cron. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { TailrecError } from "../../errors.ts";
import { readError } from "../../file-errors.ts";
import { parseOptions } from "../../options.ts";
import { openRecommender } from "../../serving/recommender.ts";
import {
  crossedThresholds,
  type MonitorReport,
  monitorOptionsSchema,
  monitorTraffic,
  thresholdsSchema,
} from "../../traffic/monitor.ts";
import { readTraffic } from "../../traffic/read-traffic.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import type { Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb, parseCount } from "../verb.ts";

interface MonitorOptions extends CommonOptions {
  readonly days: number;
  readonly bundle?: string;
  readonly thresholds?: string;
}

export function addMonitor(program: Command, signal: AbortSignal): void {
  addVerb(program, "monitor", "Figures of a service's log: the latest days beside the time before.", [
    "tailrec monitor out/shop/log --bundle out/shop/bundle",
    "tailrec monitor out/shop/log --days 7 --thresholds limits.json",
  ])
    .argument("<log>", "folder of the service's log")
    .option("--days <number>", "length of the window, back from the latest line", parseCount, 1)
    .option("--bundle <folder>", "the bundle: coverage is a share of its items")
    .option(
      "--thresholds <file>",
      'limits as JSON, such as {"coverage": {"minimum": 0.2}}; status 2 where one is crossed',
    )
    .action(async (log: string, { days, bundle, thresholds, ...options }: MonitorOptions) => {
      const session = openSession(options, signal);
      const items = bundle === undefined ? undefined : (await openRecommender(bundle)).bundle.catalog.ids.length;
      const limits = thresholds === undefined ? {} : await readThresholds(thresholds);
      const report = monitorTraffic(
        await readTraffic(log),
        parseOptions(monitorOptionsSchema, { days, items }, "monitor"),
      );
      const crossed = crossedThresholds(report, limits);
      session.answer({ ...report, crossed }, (style) => linesOf(report, style));
      if (crossed.length > 0) throw new TailrecError("THRESHOLD_CROSSED", crossed.join("; "));
    });
}

async function readThresholds(file: string) {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw readError(file, cause);
  });
  try {
    return parseOptions(thresholdsSchema, JSON.parse(text), file);
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    throw new TailrecError("INVALID_OPTIONS", `${file}: expected JSON`, { cause });
  }
}

function linesOf({ window, before, itemDrift, eventDrift }: MonitorReport, style: Style): string[] {
  const names = Object.keys(window) as (keyof typeof window)[];
  const rows = names.map((name) => [name, shown(window[name]), shown(before[name])]);
  return [
    ...formatTable(
      [{ heading: "figure" }, { heading: "window", align: "right" }, { heading: "before", align: "right" }],
      rows,
      style,
    ),
    `drift of items ${shown(itemDrift)}, of events ${shown(eventDrift)} (population stability: above 0.25 is much)`,
  ];
}

function shown(value: number | null): string {
  if (value === null) return "-";
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}
