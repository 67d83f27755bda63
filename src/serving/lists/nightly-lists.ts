/**
 * Lists for everybody at once: similar items of every item, and recommendations for every user, exact, in blocks that the top-k kernel
 * searches together. Nothing but one block is ever in memory.
 */
import { z } from "zod";
import { writeTogether } from "../../data/files/atomic-write.ts";
import { listTableFile, requireListFormat } from "../../data/files/list-table.ts";
import { requireDistinctOutputs, requireOutsideInputs } from "../../data/files/output-paths.ts";
import { TailrecError } from "../../errors.ts";
import { parseOptions } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import { type BundleSession, openBundle } from "../bundle-session.ts";
import { fallbackModels } from "../ranking/fallback-lists.ts";
import { countOption, newPlacesOption, ruleOptions, tailOption } from "../requests/request-options.ts";
import type { WrittenLists } from "./list-job.ts";
import { segmentJob } from "./segment-lists.ts";
import { similarJob } from "./similar-lists.ts";
import { recommendJob } from "./user-lists.ts";

export const listsRequestSchema = z
  .strictObject({
    similar: z.string().optional().describe("file of the similar items of every item: .parquet, .jsonl or .csv"),
    recommend: z.string().optional().describe("file of the recommendations for every user, likewise"),
    count: countOption,
    tail: tailOption,
    newPlaces: newPlacesOption,
    ...ruleOptions,
    fallback: z
      .enum(fallbackModels)
      .default("popularity")
      .describe("what fills a user's places that rules leave empty and may give way"),
    items: z
      .array(z.string())
      .readonly()
      .optional()
      .describe("ids of the items that get similar items; all where absent"),
    segments: z
      .array(z.string())
      .min(1)
      .readonly()
      .optional()
      .describe("user attributes: a list for every combination of their values, in place of the users'"),
    users: z
      .array(z.string())
      .readonly()
      .optional()
      .describe("ids of the users who get recommendations; all where absent"),
  })
  .superRefine(({ similar, recommend, items, users, segments, tail, newPlaces }, context) => {
    const issue = (key: string, file: string): void =>
      context.addIssue({ code: "custom", path: [key], message: `is of no use without ${file}, the file it is about` });
    if (similar === undefined && items !== undefined) issue("items", "similar");
    if (users !== undefined && segments !== undefined) {
      context.addIssue({
        code: "custom",
        path: ["segments"],
        message: "lists are of users or of segments; leave one out",
      });
    }
    if (recommend !== undefined) return;
    if (users !== undefined) issue("users", "recommend");
    if (segments !== undefined) issue("segments", "recommend");
    if (tail !== undefined) issue("tail", "recommend");
    if (newPlaces > 0) issue("newPlaces", "recommend");
  });

export type ListsRequest = z.input<typeof listsRequestSchema>;

/**
 * Writes the lists of a bundle, all files or none. INVALID_ARGUMENT without a file, for an unknown extension, and for files of one path
 * or inside the bundle; UNKNOWN_ITEM and UNKNOWN_USER where not one of the asked ids is known; OUTPUT_FAILED; INTERRUPTED.
 */
export async function writeLists(
  folder: string,
  request: ListsRequest,
  context: RunContext = {},
): Promise<readonly WrittenLists[]> {
  const parsed = parseOptions(listsRequestSchema, request, "lists");
  const { similar, recommend } = parsed;
  await requireListPaths(
    [similar, recommend].filter((path) => path !== undefined),
    folder,
  );
  return writeSessionLists(await openBundle(folder), parsed, context);
}

/** The lists of an open bundle, as `writeLists`. */
export async function writeSessionLists(
  session: BundleSession,
  parsed: ParsedLists,
  context: RunContext,
): Promise<readonly WrittenLists[]> {
  const { similar, recommend } = parsed;
  const jobs = [
    ...(similar === undefined ? [] : [await similarJob(session, similar, parsed, context)]),
    ...(recommend === undefined ? [] : [await recommendationsJob(session, recommend, parsed, context)]),
  ];
  await writeTogether(jobs.map(({ file, table }) => listTableFile(file, table)));
  return jobs.map(({ written }) => written());
}

async function requireListPaths(paths: readonly string[], folder: string): Promise<void> {
  if (paths.length === 0) {
    const message = "expected a file for similar items, for recommendations, or for both, received none";
    throw new TailrecError("INVALID_ARGUMENT", message);
  }
  for (const path of paths) requireListFormat(path);
  await requireDistinctOutputs(paths);
  await requireOutsideInputs(paths, [folder]);
}

type ParsedLists = z.output<typeof listsRequestSchema>;

function recommendationsJob(session: BundleSession, file: string, request: ParsedLists, context: RunContext) {
  const { segments } = request;
  if (segments === undefined) return recommendJob(session, file, request, context);
  return segmentJob(session, file, { ...request, segments }, context);
}
