/** `tailrec cache`: what encoder outputs are kept between runs, whether they are unaltered, and making room. */
import { type Command, InvalidArgumentError } from "commander";
import { inspectCache } from "../../encoders/cache/cache-inspection.ts";
import {
  checkStore,
  type PrunedStore,
  pruneCacheFolder,
  type StoreStatistics,
  statisticsOf,
} from "../../experiment/checks/cache.ts";
import { failIfAny } from "../../experiment/checks/checks.ts";
import { checkLines } from "../answers/check-list.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import type { Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb, defaultCacheFolder } from "../verb.ts";

interface CacheOptions extends CommonOptions {
  readonly cache: string;
}

interface PruneOptions extends CacheOptions {
  readonly usedBy?: readonly string[];
  readonly olderThan?: number;
  readonly maxSize?: number;
  readonly dryRun?: boolean;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function addCache(program: Command, signal: AbortSignal): void {
  const cache = program
    .command("cache")
    .description("Look at, verify and prune the encoder outputs that are kept between runs.");
  addStats(cache, signal);
  addVerify(cache, signal);
  addPrune(cache, signal);
}

function addCacheVerb(cache: Command, name: string, summary: string, examples: readonly string[]): Command {
  return addVerb(cache, name, summary, examples).option("--cache <folder>", "the cache", defaultCacheFolder);
}

function addStats(cache: Command, signal: AbortSignal): void {
  addCacheVerb(cache, "stats", "Whose vectors the cache holds, how many, and how old.", ["tailrec cache stats"]).action(
    async (options: CacheOptions) => {
      const output = openSession(options, signal);
      const stores = (await inspectCache(options.cache, output.context)).map(statisticsOf);
      output.answer({ cache: options.cache, stores }, (style) => statsLines(stores, style));
    },
  );
}

function addVerify(cache: Command, signal: AbortSignal): void {
  addCacheVerb(cache, "verify", "Check every vector of the cache against its checksum.", [
    "tailrec cache verify",
  ]).action(async (options: CacheOptions) => {
    const output = openSession(options, signal);
    const checks = (await inspectCache(options.cache, output.context)).map(checkStore);
    output.answer({ cache: options.cache, checks }, (style) =>
      checks.length === 0 ? ["the cache is empty"] : checkLines(checks, style),
    );
    failIfAny(checks, `cache ${options.cache}`);
  });
}

function addPrune(cache: Command, signal: AbortSignal): void {
  addCacheVerb(cache, "prune", "Drop damaged and doubled vectors, and those that the options name.", [
    "tailrec cache prune --used-by pipelines/shop.yaml --dry-run",
    "tailrec cache prune --older-than 90 --max-size 2GB",
  ])
    .option("--used-by <pipelines...>", "keep only the vectors of encoders that these pipelines name")
    .option("--older-than <days>", "drop vectors that were computed longer ago", parseDays)
    .option("--max-size <size>", "drop the oldest vectors until the rest fits, e.g. 500MB or 2GB", parseSize)
    .option("--dry-run", "only say what would go")
    .action(async (options: PruneOptions) => {
      const output = openSession(options, signal);
      const { olderThan: olderThanDays, maxSize: maximumBytes, usedBy, dryRun = false } = options;
      const request = { usedBy, olderThanDays, maximumBytes, dryRun };
      const pruned = await pruneCacheFolder(options.cache, request, output.context);
      output.answer({ cache: options.cache, dryRun, stores: pruned }, (style) => pruneLines(pruned, dryRun, style));
    });
}

function statsLines(stores: readonly StoreStatistics[], style: Style): string[] {
  if (stores.length === 0) return ["the cache is empty"];
  const right = { align: "right" as const };
  const columns = [
    { heading: "encoder", flexible: true },
    { heading: "task" },
    { heading: "dimension", ...right },
    { heading: "vectors", ...right },
    { heading: "size", ...right },
    { heading: "wasted", ...right },
    { heading: "oldest" },
    { heading: "newest" },
  ];
  const rows = stores.map(({ encoder, task, dimension, vectors, bytes, wasted, oldest, newest }) => [
    encoder,
    task,
    String(dimension),
    vectors.toLocaleString("en-US"),
    sizeOf(bytes),
    sizeOf(wasted),
    dayOf(oldest),
    dayOf(newest),
  ]);
  return formatTable(columns, rows, style);
}

function pruneLines(stores: readonly PrunedStore[], dryRun: boolean, style: Style): string[] {
  if (stores.length === 0) return ["the cache is empty"];
  const right = { align: "right" as const };
  const columns = [
    { heading: "encoder", flexible: true },
    { heading: dryRun ? "would go" : "removed", ...right },
    { heading: "freed", ...right },
    { heading: "kept", ...right },
    { heading: "size", ...right },
  ];
  const rows = stores.map(({ encoder, vectors, removed, bytes, freed }) => [
    encoder,
    removed.toLocaleString("en-US"),
    sizeOf(freed),
    vectors.toLocaleString("en-US"),
    sizeOf(bytes),
  ]);
  return formatTable(columns, rows, style);
}

function dayOf(seconds: number | null): string {
  return seconds === null ? "" : new Date(1000 * seconds).toISOString().slice(0, 10);
}

/** In the largest unit that leaves at least one: "78.2 MB". */
function sizeOf(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${UNITS[unit]}`;
}

function parseDays(text: string): number {
  const days = Number(text);
  if (text.trim() === "" || !(days > 0)) throw new InvalidArgumentError("expected a number of days above 0.");
  return days;
}

function parseSize(text: string): number {
  const [, number, unit] = text.match(/^(\d+(?:\.\d+)?)\s*([kMGT]?B)$/i) ?? [];
  const power = UNITS.findIndex((name) => name.toLowerCase() === unit?.toLowerCase());
  if (power < 0) throw new InvalidArgumentError("expected a number of bytes with its unit, such as 500MB or 2GB.");
  return Number(number) * 1000 ** power;
}
