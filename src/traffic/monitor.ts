/**
 * Whether a service still does what it did: figures of a window of its log beside those of the time before, and limits to hold them
 * against. Drift is the population stability index, PSI = sum_b (p_b - q_b) ln(p_b / q_b): below 0.1 nothing, above 0.25 much.
 */
import { z } from "zod";
import { quantile } from "../math/statistics.ts";
import type { Exposure } from "./exposure.ts";
import { groupedBy } from "./grouping.ts";
import type { Action, Traffic } from "./read-traffic.ts";

export const monitorOptionsSchema = z.strictObject({
  days: z.number().positive().default(1).describe("length of the window, back from the latest line of the log"),
  items: z.int().positive().optional().describe("items of the catalog; those that the log names where absent"),
});

const figureNames = [
  "lists",
  "users",
  "events",
  "p50Milliseconds",
  "p99Milliseconds",
  "coverage",
  "tailShare",
  "newShare",
  "fallbackShare",
  "unknownIds",
  "prequentialNdcg",
  "shownShare",
  "concentration",
] as const;

export type FigureName = (typeof figureNames)[number] | "itemDrift" | "eventDrift";

export interface MonitorReport {
  /** The window and the time before it; null where there is nothing to measure. */
  readonly window: Readonly<Record<(typeof figureNames)[number], number | null>>;
  readonly before: Readonly<Record<(typeof figureNames)[number], number | null>>;
  /** PSI of what items people met, by their popularity before, and of the kinds of events; null without a time before. */
  readonly itemDrift: number | null;
  readonly eventDrift: number | null;
  /** Figures day by day, the earliest first. */
  readonly days: readonly { readonly day: string; readonly figures: MonitorReport["window"] }[];
}

export type MonitorOptions = z.output<typeof monitorOptionsSchema>;

const DAY_MS = 86_400_000;

export function monitorTraffic(traffic: Traffic, { days, items }: MonitorOptions): MonitorReport {
  const times = [...traffic.exposures, ...traffic.actions].map(({ time }) => Date.parse(time));
  const since = times.reduce((latest, time) => Math.max(latest, time), 0) - days * DAY_MS;
  const isRecent = ({ time }: { readonly time: string }) => Date.parse(time) > since;
  const catalog = items ?? new Set(traffic.exposures.flatMap((exposure) => exposure.items)).size;
  const part = (isIn: (line: { readonly time: string }) => boolean) => ({
    exposures: traffic.exposures.filter(isIn),
    actions: traffic.actions.filter(isIn),
  });
  const [recent, earlier] = [part(isRecent), part((line) => !isRecent(line))];
  const hasBoth = recent.actions.length > 0 && earlier.actions.length > 0;
  return {
    window: figuresOf(recent, traffic, catalog),
    before: figuresOf(earlier, traffic, catalog),
    itemDrift: hasBoth ? itemDrift(earlier.actions, recent.actions) : null,
    eventDrift: hasBoth
      ? populationStability(countsOf(earlier.actions, "event"), countsOf(recent.actions, "event"))
      : null,
    days: [...groupedBy([...traffic.exposures, ...traffic.actions], ({ time }) => time.slice(0, 10)).keys()]
      .sort()
      .map((day) => ({
        day,
        figures: figuresOf(
          part(({ time }) => time.startsWith(day)),
          traffic,
          catalog,
        ),
      })),
  };
}

function figuresOf({ exposures, actions }: Traffic, whole: Traffic, items: number): MonitorReport["window"] {
  const places = exposures.reduce((sum, exposure) => sum + exposure.items.length, 0);
  const share = (of: number, all: number) => (all === 0 ? null : of / all);
  const sum = (of: (exposure: Exposure) => number) => exposures.reduce((all, exposure) => all + of(exposure), 0);
  const ranks = ranksBefore(actions, whole.exposures);
  const shown = countsOf(
    exposures.flatMap((exposure) => exposure.items.map((item) => ({ item }))),
    "item",
  );
  return {
    lists: exposures.length,
    users: new Set([...exposures, ...actions].map(({ user }) => user)).size,
    events: actions.length,
    ...latencyOf(exposures),
    coverage: exposures.length === 0 ? null : shown.size / items,
    tailShare: share(
      sum(({ tail }) => tail),
      places,
    ),
    newShare: share(
      sum(({ fresh }) => fresh),
      places,
    ),
    fallbackShare: share(exposures.filter(({ by }) => by.startsWith("popular")).length, exposures.length),
    unknownIds: sum(({ unknown }) => unknown),
    prequentialNdcg: share(
      ranks.reduce((all, rank) => all + (rank < 0 ? 0 : 1 / Math.log2(rank + 2)), 0),
      ranks.length,
    ),
    shownShare: share(ranks.filter((rank) => rank >= 0).length, ranks.length),
    concentration: shown.size === 0 ? null : gini([...shown.values()]),
  };
}

/** How long lists took; null where no line says it. */
function latencyOf(
  exposures: readonly Exposure[],
): Pick<MonitorReport["window"], "p50Milliseconds" | "p99Milliseconds"> {
  const sorted = Float64Array.from(exposures.flatMap(({ milliseconds }) => milliseconds ?? [])).sort();
  const at = (q: number) => (sorted.length === 0 ? null : quantile(sorted, q));
  return { p50Milliseconds: at(0.5), p99Milliseconds: at(0.99) };
}

/** Per event of a user who was given a list before: the place of its item in the latest one, -1 where it was not there. */
function ranksBefore(actions: readonly Action[], exposures: readonly Exposure[]): number[] {
  const lists = new Map(
    [...groupedBy(exposures, ({ user }) => user)].map(([user, own]) => [user, [...own].sort(byTime)]),
  );
  return actions.flatMap(({ user, item, time }) => {
    const latest = (lists.get(user) ?? []).findLast((exposure) => exposure.time <= time);
    return latest === undefined ? [] : [latest.items.indexOf(item)];
  });
}

function byTime(a: Exposure, b: Exposure): number {
  return a.time < b.time ? -1 : Number(a.time > b.time);
}

/** Items in ten parts by the events that they had before, new ones in a part of their own. */
function itemDrift(before: readonly Action[], after: readonly Action[]): number {
  const known = countsOf(before, "item");
  const ranked = [...known.keys()].sort((a, b) => (known.get(b) ?? 0) - (known.get(a) ?? 0) || (a < b ? -1 : 1));
  const partOf = new Map(ranked.map((item, rank) => [item, String(Math.floor((10 * rank) / ranked.length))]));
  const parts = (actions: readonly Action[]) =>
    countsOf(
      actions.map(({ item }) => ({ part: partOf.get(item) ?? "new" })),
      "part",
    );
  return populationStability(parts(before), parts(after));
}

/** PSI of two counts by name. Half a count is added to each, so that a name on one side alone is finite. */
export function populationStability(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const shares = (counts: ReadonlyMap<string, number>) => {
    const total = names.reduce((sum, name) => sum + (counts.get(name) ?? 0) + 0.5, 0);
    return names.map((name) => ((counts.get(name) ?? 0) + 0.5) / total);
  };
  const [p, q] = [shares(after), shares(before)];
  return names.reduce((sum, _, i) => sum + (p[i] - q[i]) * Math.log(p[i] / q[i]), 0);
}

/** 0 where all counts are alike, towards 1 where few have all. */
export function gini(counts: readonly number[]): number {
  const sorted = [...counts].sort((a, b) => a - b);
  const total = sorted.reduce((sum, count) => sum + count, 0);
  const weighted = sorted.reduce((sum, count, i) => sum + (2 * (i + 1) - sorted.length - 1) * count, 0);
  return total === 0 ? 0 : weighted / (sorted.length * total);
}

function countsOf<K extends string>(
  lines: readonly Readonly<Record<K, string>>[],
  key: K,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line[key], (counts.get(line[key]) ?? 0) + 1);
  return counts;
}

const limit = z.strictObject({ minimum: z.number().optional(), maximum: z.number().optional() });

/** Limits by figure. */
export const thresholdsSchema = z.strictObject(
  Object.fromEntries([...figureNames, "itemDrift", "eventDrift"].map((name) => [name, limit.optional()])) as Record<
    FigureName,
    z.ZodOptional<typeof limit>
  >,
);

/** What lies beyond its limit, in words; a figure that could not be measured is within. */
export function crossedThresholds(report: MonitorReport, thresholds: z.output<typeof thresholdsSchema>): string[] {
  const figures = { ...report.window, itemDrift: report.itemDrift, eventDrift: report.eventDrift };
  return (Object.keys(figures) as FigureName[]).flatMap((name) => {
    const value = figures[name];
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = thresholds[name] ?? {};
    if (value === null || (value >= minimum && value <= maximum)) return [];
    return [`${name} is ${Number(value.toPrecision(4))}, ${value < minimum ? `below ${minimum}` : `above ${maximum}`}`];
  });
}
