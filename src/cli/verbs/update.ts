/** `tailrec update`: a bundle brought forward by new interactions, items and users, without fitting anything again. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { type UpdateAnswer, updateBundleFolder } from "../../serving/update/update-outputs.ts";
import { unusableLines } from "../answers/run-summary.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { plainLine } from "../terminal/style.ts";
import { addVerb, bundleOption } from "../verb.ts";

interface UpdateOptions extends CommonOptions {
  readonly bundle: string;
  readonly interactions?: string;
  readonly items?: string;
  readonly users?: string;
  readonly log?: string;
  readonly out?: string;
  readonly images?: string;
  readonly imageRoot?: string;
  readonly cache?: string;
}

export function addUpdate(program: Command, signal: AbortSignal): void {
  addVerb(program, "update", "Bring a bundle forward by new interactions, items and users; nothing is fitted again.", [
    "tailrec update --bundle out/shop/bundle --interactions yesterday.csv --items new.jsonl --out out/shop/tonight",
    "tailrec update --bundle out/yesterday/bundle --interactions yesterday.csv",
    "tailrec update --bundle out/shop/bundle --log out/shop/log",
  ])
    .addOption(bundleOption())
    .option("--interactions <file>", "interactions since the bundle was made, with the columns of the pipeline")
    .option("--items <file>", "new items, and known ones that changed")
    .option("--users <file>", "attributes of users, new and changed")
    .option("--log <folder>", "log of a service, in place of files of interactions and items")
    .option("--out <folder>", "where the updated bundle goes (default: in place of the bundle)")
    .option("--images <folder>", "where relative picture paths start (default: the folder of the items file)")
    .option("--image-root <folder>", "folder that picture paths may not leave (default: that of --images)")
    .option("--cache <folder>", "keep encoder outputs there for the next time")
    .action(async ({ bundle, json, quiet, images, imageRoot, cache, ...source }: UpdateOptions) => {
      const session = openSession({ json, quiet }, signal);
      const folders = { imageFolder: images && resolve(images), imageRoot: imageRoot && resolve(imageRoot) };
      const answer = await updateBundleFolder(bundle, { ...source, ...folders, cacheFolder: cache }, session.context);
      session.answer(answer, () => linesOf(answer));
    });
}

function linesOf(answer: UpdateAnswer): string[] {
  const { pairs, newItems, changedItems, deletedItems, newUsers, changedUsers, rejected, summary, notes, unusable } =
    answer;
  return [
    `${pairs} user-item pairs came or changed; ${rejected} rows rejected`,
    ...summary.map(({ reason, count }) => `${count} x ${plainLine(reason)} (see update-rejects.jsonl)`),
    ...notes.map((note) => `warning: ${plainLine(note)}`),
    ...unusableLines(unusable),
    `items: ${newItems} new, ${changedItems} changed${deletedItems > 0 ? `, ${deletedItems} deleted` : ""}, ${answer.items} in all`,
    `users: ${newUsers} new, ${changedUsers} changed, ${answer.users} in all`,
    `drift since the last full run: ${answer.drift.toFixed(3)}${answer.isRunDue ? "; a full run is due: tailrec run" : ""}`,
    `bundle: ${answer.bundleFolder}`,
  ];
}
