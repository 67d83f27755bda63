/**
 * Inputs in files of their own, such as pictures, before a run. One that is missing or damaged only costs its item that block;
 * when all are, the path is wrong.
 */
import type { Catalog } from "../data/catalog.ts";
import type { InputFiles } from "../features/block-kind.ts";
import type { ChosenBlock } from "../features/feature-options.ts";
import type { Check } from "./checks.ts";

/** One check a block that reads files, in the order of the blocks. */
export async function checkInputFiles(chosen: readonly ChosenBlock[], catalog: Catalog): Promise<Check[]> {
  const checks = chosen.flatMap(({ kind: { words, files }, options }) =>
    files === undefined
      ? []
      : [checkFiles(words.plural, files, catalog, (location) => files.fault(location, catalog, options))],
  );
  return Promise.all(checks);
}

async function checkFiles(
  name: string,
  { noun, column, locations }: Pick<InputFiles<unknown>, "noun" | "column" | "locations">,
  catalog: Catalog,
  faultOf: (location: string) => Promise<string | undefined>,
): Promise<Check> {
  const { ids } = catalog;
  const named = locations(catalog).flatMap((path, row) => (path === null ? [] : [{ path, id: ids[row] }]));
  const faults = await Promise.all(named.map(({ path }) => faultOf(path)));
  const unusable = named.filter((_, i) => faults[i] !== undefined);
  const [first] = unusable;
  const example = first && `that of ${first.id} (${first.path}: ${faults[named.indexOf(first)]})`;
  if (named.length > unusable.length) {
    const detail = `${named.length - unusable.length} of ${ids.length} items have one`;
    const lacking = `${detail}; ${unusable.length} cannot be read, such as ${example}`;
    return { name, state: "passed", detail: first === undefined ? detail : lacking };
  }
  const detail =
    first === undefined ? `no item names a ${noun}: map columns.${column}` : `none can be read, such as ${example}`;
  return { name, state: "failed", detail, code: "FILE_NOT_FOUND" };
}
