/**
 * Inputs in files of their own, such as pictures, before and in a run. One that is missing or damaged only costs its item that block;
 * when all are, the path is wrong, and the run stops.
 */
import type { Catalog } from "../../data/catalog.ts";
import { TailrecError } from "../../errors.ts";
import type { InputFiles } from "../../features/block-kind.ts";
import { type EncodedCatalog, encodedFor } from "../../features/encode-catalog.ts";
import type { ChosenBlock } from "../../features/feature-options.ts";
import type { Check } from "../checks/checks.ts";

/** FILE_NOT_FOUND where a block reads files and none of them could be used: the bundle would lack the block without a word. */
export function requireInputFiles(chosen: readonly ChosenBlock[], catalog: Catalog, encoded: EncodedCatalog): void {
  for (const { kind } of chosen) {
    const { name, files } = kind;
    if (files === undefined || encodedFor(name, encoded)?.presence.includes(1) !== false) continue;
    const first = encoded.quarantine.find(({ block }) => block === name);
    const example = first && `that of ${catalog.ids[first.row]} (${first.file ?? "given inline"}: ${first.reason})`;
    const reason = noneReadable(files, example);
    throw new TailrecError("FILE_NOT_FOUND", `features.${name}: ${reason}; mend that, or leave features.${name} out`);
  }
}

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
  return { name, state: "failed", detail: noneReadable({ noun, column }, example), code: "FILE_NOT_FOUND" };
}

function noneReadable({ noun, column }: Pick<InputFiles<unknown>, "noun" | "column">, example?: string): string {
  return example === undefined
    ? `no item names a ${noun}: map columns.${column}`
    : `none can be read, such as ${example}`;
}
