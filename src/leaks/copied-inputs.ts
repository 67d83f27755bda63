/**
 * Copies among the inputs of a kind of block, such as pictures: a cold item whose input a training item has too. Encoded vectors find
 * the nearest, small versions decide.
 */
import type { Catalog } from "../data/catalog.ts";
import type { BlockKind } from "../features/block-kind.ts";
import { encodedFor } from "../features/encode-catalog.ts";
import { type ChosenBlock, chosenBlocks } from "../features/feature-options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { SplitCheck } from "./leak-check.ts";
import { alikeInputs, type DuplicatePair, duplicateFinding, isSameInput, itemName } from "./near-duplicates.ts";

/** The check of a kind of block; undefined where its inputs cannot be compared. */
export function copiesCheck(kind: BlockKind): SplitCheck | undefined {
  if (kind.files?.fingerprint === undefined) return undefined;
  const name = `near-duplicate-${kind.words.plural}`;
  const likeness = `the same ${kind.files.noun}`;
  return {
    of: "split",
    name,
    check: async ({ protocol, coldItems: cold, fittedOn: warm, catalog, encoded, features }, options, context) => {
      const [chosen] = chosenBlocks(features, [kind]);
      const vectors = encodedFor(kind.name, encoded)?.vectors;
      if (cold.length === 0 || chosen === undefined || vectors === undefined) return undefined;
      const split = { cold, warm };
      const pairs = await sameInputs(await alikeInputs(vectors, split), chosen, catalog, context);
      const nameOf = (row: number) => itemName(catalog, row);
      return duplicateFinding({ check: name, likeness }, protocol, pairs, split, nameOf, options);
    },
  };
}

/** Picks those of the candidate pairs whose small versions are one. */
async function sameInputs(
  candidates: readonly DuplicatePair[],
  { kind: { words, files }, options }: ChosenBlock,
  catalog: Catalog,
  context: RunContext,
): Promise<DuplicatePair[]> {
  const locations = files?.locations(catalog) ?? [];
  const known = new Map<number, Uint8Array | undefined>();
  const smallOf = async (row: number) => {
    const location = locations[row];
    if (!known.has(row))
      known.set(row, location === null ? undefined : await files?.fingerprint?.(location, catalog, options));
    return known.get(row);
  };
  const same: DuplicatePair[] = [];
  for (const [i, [cold, warm]] of candidates.entries()) {
    throwIfInterrupted(context);
    context.onProgress?.({ stage: `compare ${words.plural}`, done: i + 1, total: candidates.length });
    const [a, b] = [await smallOf(cold), await smallOf(warm)];
    if (a !== undefined && b !== undefined && isSameInput(a, b)) same.push([cold, warm]);
  }
  return same;
}
