/** `tailrec lists`: similar items of all items and recommendations for all users, as files that a shop's pages read. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { requireOutsideInputs } from "../data/files/output-paths.ts";
import { readError } from "../file-errors.ts";
import { type WrittenLists, writeLists } from "../serving/nightly-lists.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { addVerb, bundleOption, countOption, newPlacesOption, tailOption } from "./verb.ts";

interface ListsOptions extends CommonOptions {
  readonly bundle: string;
  readonly similar?: string;
  readonly recommend?: string;
  readonly count: number;
  readonly tail?: number;
  readonly newPlaces?: number;
  readonly items?: string;
  readonly users?: string;
}

export function addLists(program: Command, signal: AbortSignal): void {
  addVerb(program, "lists", "Write similar items of every item, and recommendations for every user, as files.", [
    "tailrec lists --bundle out/shop/bundle --similar similar.parquet --recommend recommended.jsonl",
    "tailrec lists --bundle out/shop/bundle --recommend recommended.csv --count 20 --tail 0.4",
  ])
    .addOption(bundleOption())
    .option("--similar <file>", "file for the similar items of every item: .parquet, .jsonl or .csv")
    .option("--recommend <file>", "file for the recommendations for every user, likewise")
    .addOption(countOption())
    .addOption(tailOption())
    .addOption(newPlacesOption())
    .option("--items <file>", "ids of the items that get similar items, one a line (default: all)")
    .option("--users <file>", "ids of the users who get recommendations, one a line (default: all)")
    .action(async ({ bundle, json, quiet, items, users, ...request }: ListsOptions) => {
      const output = openSession({ json, quiet }, signal);
      const idFiles = [items, users].filter((path) => path !== undefined);
      const outputs = [request.similar, request.recommend].filter((path) => path !== undefined);
      await requireOutsideInputs(outputs, idFiles);
      const asked = {
        ...(items !== undefined && { items: await readIds(items) }),
        ...(users !== undefined && { users: await readIds(users) }),
      };
      const written = await writeLists(bundle, { ...request, ...asked }, output.context);
      output.answer(written, () => written.flatMap(linesOf));
    });
}

/** One id a line; blank lines are none. */
async function readIds(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw readError(`ids ${path}`, cause);
  });
  return text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== "");
}

function linesOf({ kind, file, lists, unknown }: WrittenLists): string[] {
  const [what, ids] = kind === "similar" ? ["items", "item ids"] : ["users", "user ids"];
  const line = `lists of ${lists} ${what} in ${file}`;
  return unknown.length === 0 ? [line] : [line, `${unknown.length} ${ids} are not known, such as "${unknown[0]}"`];
}
