/** What `tailrec run` did, for people: data, features, fit, figures, where the bundle is, what to type next. */
import { relative } from "node:path";
import type { PipelineConfig } from "../../config.ts";
import {
  describeDecay,
  type HeldOutReport,
  type IngestReport,
  type InteractionsReport,
  type LogReport,
  type UsersReport,
} from "../../data/ingest/rejects.ts";
import { describeTimes, reportNotes } from "../../data/ingest/report-notes.ts";
import type { RunResult } from "../../experiment/pipeline.ts";
import type { UnusableInput } from "../../features/unusable-inputs.ts";
import { duration } from "../terminal/progress.ts";
import { plainLine, type Style } from "../terminal/style.ts";
import { evaluationOverview } from "./evaluation-overview.ts";
import { leakLines } from "./leak-lines.ts";

/** The result as a document: rejected rows by reason and example, all of them are in rejects.jsonl. */
export function runDocument({ ingestReport, ...result }: RunResult): unknown {
  const { items, interactions, users, log, summary, lostColumns, notes } = ingestReport;
  return { ...result, ingestReport: { items, interactions, users, log, summary, lostColumns, notes } };
}

export function runSummary(config: PipelineConfig, result: RunResult, style: Style): string[] {
  const section = (heading: string, lines: readonly string[]) => [
    "",
    style.bold(heading),
    ...lines.map((line) => `  ${line}`),
  ];
  const bundle = relative(process.cwd(), result.bundleFolder) || ".";
  return [
    style.bold(config.name),
    ...section("Read", dataLines(result.ingestReport)),
    ...section("Features", featureLines(result.featureReport)),
    ...section("Fitted", modelLines(config, result)),
    ...section("Time", timeLines(result.seconds)),
    ...result.reports.flatMap((report) => evaluationOverview(report, style)),
    ...(result.reportPage === undefined
      ? []
      : section("Leak checks", leakLines(result.leaks, result.boundaries, style))),
    ...(result.reportPage === undefined ? [] : section("Report", [relative(process.cwd(), result.reportPage)])),
    ...section("Bundle", [
      bundle,
      ...(result.earlierReports ? ["the reports beside it are of an earlier run: this one was not evaluated"] : []),
    ]),
    ...section("Next", [
      `tailrec similar --bundle ${bundle} --item ${result.exampleItem} --compare als`,
      `tailrec export --bundle ${bundle} --out vectors.parquet`,
    ]),
  ];
}

function dataLines(report: IngestReport): string[] {
  const { items, interactions, heldOut, users, log, summary } = report;
  return [
    `${count(items.rows - items.rejected)} items from ${items.file}`,
    ...(interactions ? interactionLines(interactions) : []),
    ...(heldOut ? [heldOutLine(heldOut)] : []),
    ...(users ? [usersLine(users)] : []),
    ...(log ? logLines(log) : []),
    ...summary.map(({ reason, count: rows, accepted }) =>
      [`${count(rows)} x ${plainLine(reason)} (see rejects.jsonl)`, ...(accepted ? [accepted] : [])].join("; "),
    ),
    ...reportNotes(report).map((note) => `warning: ${plainLine(note)}`),
  ];
}

function interactionLines(report: InteractionsReport): string[] {
  const {
    file,
    rows,
    users,
    pairs,
    ignoredEvents,
    belowMinimum,
    ofDeletedItems,
    ofErasedUsers,
    merged,
    withoutTime,
    weightUnit,
    times,
    decay,
  } = report;
  const lines = [`${count(rows)} interactions from ${file}`];
  if (ignoredEvents > 0) lines.push(`${count(ignoredEvents)} of them left out on purpose: events to ignore`);
  if (belowMinimum > 0) lines.push(`${count(belowMinimum)} of them left out on purpose: below the pipeline's minimum`);
  if (ofDeletedItems > 0) lines.push(`${count(ofDeletedItems)} of them left out: their items were deleted`);
  if (ofErasedUsers > 0) lines.push(`${count(ofErasedUsers)} of them left out: their users were erased`);
  if (merged > 0) lines.push(`${count(merged)} of them repeat a user-item pair and were merged`);
  if (withoutTime > 0) lines.push(`${count(withoutTime)} of them have no time`);
  if (times !== undefined) lines.push(`times from ${describeTimes(times)}`);
  if (weightUnit !== 1) lines.push(`weights divided by ${weightUnit}, the median row's: a typical row counts 1`);
  if (decay !== undefined) lines.push(describeDecay(decay));
  const without = `${count(report.itemsWithoutInteractions)} items without any`;
  return [...lines, `${count(users)} users, ${count(pairs)} user-item pairs, ${without}`];
}

function heldOutLine({ file, rows, pairs, ofUnknownUsers, alsoInTraining }: HeldOutReport): string {
  const left = `${count(ofUnknownUsers)} pairs of users without training, ${count(alsoInTraining)} pairs that training has`;
  return `${count(rows)} held-out interactions from ${file}: ${count(pairs)} user-item pairs, left out: ${left}`;
}

function logLines({ file, rows, newItems, changedItems, deletedItems, seenEvents }: LogReport): string[] {
  const seen = seenEvents === 0 ? "" : `, ${count(seenEvents)} older ones taken as seen`;
  return [
    `${count(rows)} events from ${file}${seen}`,
    `items of the log: ${count(newItems)} new, ${count(changedItems)} changed, ${count(deletedItems)} deleted`,
  ];
}

function usersLine({ file, rows, withoutAttributes, withoutInteractions }: UsersReport): string {
  const gaps = `${count(withoutAttributes)} users without a row, ${count(withoutInteractions)} rows without an interaction`;
  return `${count(rows)} users' attributes from ${file}: ${gaps}`;
}

function featureLines({ blocks, items, unusable }: RunResult["featureReport"]): string[] {
  const lines = blocks.map(({ name, dimension }, block) =>
    items[block] === 0 ? `${name}: no item has it` : `${name}: ${dimension} dimensions`,
  );
  return [...lines, ...unusableLines(unusable)];
}

/** One line a block: how many, an example, and what to do about it. */
export function unusableLines(unusable: readonly UnusableInput[]): string[] {
  const blocks = [...new Set(unusable.map(({ block }) => block))];
  return blocks.map((name) => unusableLine(unusable.filter(({ block }) => block === name)));
}

function unusableLine(unusable: readonly UnusableInput[]): string {
  const [first] = unusable;
  const example = plainLine(`${first.item} (${first.code}: ${first.file ?? `its ${first.block}`}: ${first.reason})`);
  const remedy = "replace them, or leave them out of the items file";
  return `${count(unusable.length)} x unusable ${first.block}, such as that of ${example}; ${remedy}`;
}

/** What was trained, as the settings have it. */
export function modelLines(
  { collaborative }: { readonly collaborative: Pick<PipelineConfig["collaborative"], "iterations"> },
  { settings, sizes: { rank, channel }, factors }: Pick<RunResult, "settings" | "sizes" | "factors">,
): string[] {
  const { rounds, alsRankTimes, channelWeight, tail, trials } = settings;
  const untuned = "no interaction can be held out: settings are the untuned ones, nothing was chosen";
  const content = channel === 0 ? "no content channel" : `content channel ${channelWeight} of ${channel} columns`;
  return [
    ...(trials.search.length === 0 ? [untuned] : []),
    ...(factors === undefined
      ? [`als: rank ${rank / alsRankTimes}, ${collaborative.iterations} iterations`]
      : factorLines(factors)),
    `hybrid: ${ownAlsWords(settings)}${rounds} joint rounds, ${content}, tail dial ${tail}`,
  ];
}

/** How the ALS under the hybrid differs from that of the options; nothing where it does not. */
function ownAlsWords({ alsUnobservedWeight, alsRankTimes }: RunResult["settings"]): string {
  const differences = [
    ...(alsUnobservedWeight === 1 ? [] : [`${alsUnobservedWeight} times its unobserved weight`]),
    ...(alsRankTimes === 1 ? [] : [`${alsRankTimes} times its rank`]),
  ];
  return differences.length === 0 ? "" : `ALS at ${differences.join(" and ")}, `;
}

export function factorLines({ rank, items, users }: NonNullable<RunResult["factors"]>): string[] {
  const ofItems = `${count(items.used)} items have one, ${count(items.solved)} are solved from interactions, ${count(items.cold)} are cold`;
  const unknown = `${count(items.unknown)} of items and ${count(users?.unknown ?? 0)} of users belong to nobody here`;
  return [
    `factors from elsewhere: rank ${rank}; ${ofItems}`,
    ...(users ? [`${count(users.used)} users have one, ${count(users.solved)} are solved`] : []),
    ...(items.unknown + (users?.unknown ?? 0) > 0 ? [unknown] : []),
    ...doubtLines("items", items),
    ...(users ? doubtLines("users", users) : []),
    "protocols measure ALS of the pipeline's own, of the same rank: given factors have seen what is held out",
  ];
}

/** Factors of the three data sets agree by .74 at least, and by .53 at most under wrong ids: decision 136. */
const DOUBTFUL = 0.6;

function doubtLines(side: "items" | "users", { agreement = 1 }: { readonly agreement?: number }): string[] {
  if (agreement >= DOUBTFUL) return [];
  const share = agreement.toFixed(2).replace(/^0/, "");
  return [
    `factors of ${side} hardly tell a user's items from others (${share}, chance is .50): check that their ids are the shop's`,
  ];
}

function timeLines(seconds: RunResult["seconds"]): string[] {
  return Object.entries(seconds).map(([stage, taken]) => `${stage}: ${duration(1000 * taken)}`);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
