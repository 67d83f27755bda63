/**
 * The list of the kinds of block, in the order of their columns; everything else asks it. A new kind is a module of `blocks/` and
 * a line here. A caller's own kinds stand beside these for the length of a call.
 */
import { TailrecError } from "../errors.ts";
import { nearestName } from "../options.ts";
import type { BlockKind } from "./block-kind.ts";
import { attributesBlock } from "./blocks/attributes.ts";
import { fieldsBlock } from "./blocks/fields.ts";
import { imageBlock } from "./blocks/image.ts";
import { lexicalBlock } from "./blocks/lexical.ts";
import { textBlock } from "./blocks/text.ts";

/** The built-in kinds. */
export const blockKinds = [textBlock, lexicalBlock, imageBlock, attributesBlock, fieldsBlock] as const;

export type BuiltInKind = (typeof blockKinds)[number];

/** Where a caller adds kinds of its own. */
export interface BlockExtensions<Own extends BlockKind = BlockKind> {
  /** Kinds beside the built-in ones: their options stand under their names, their columns after those of the others. */
  readonly blockKinds?: readonly Own[];
}

/** Keys that documents keep beside the names of blocks. */
const RESERVED: readonly string[] = ["options", "whitened", "whitening", "weights", "quarantine"];

/** The built-in kinds and the caller's. INVALID_OPTIONS when two have one name, or a name cannot be used. */
export function blockKindsWith({ blockKinds: own = [] }: BlockExtensions): readonly BlockKind[] {
  const kinds: readonly BlockKind[] = [...blockKinds, ...own];
  const names = kinds.map(({ name }) => name);
  const taken = names.find((name, k) => RESERVED.includes(name) || names.indexOf(name) < k);
  if (taken !== undefined) throw unusable(`the name "${taken}" is taken`);
  const odd = names.find((name) => !/^[A-Za-z][\w-]*$/.test(name));
  if (odd !== undefined) throw unusable(`"${odd}" has other characters than letters, digits, - and _`);
  return kinds;
}

/** The caller's own among these kinds. */
export function ownBlockKinds(kinds: readonly BlockKind[]): readonly BlockKind[] {
  const builtIn: readonly string[] = blockKinds.map(({ name }) => name);
  return kinds.filter(({ name }) => !builtIn.includes(name));
}

/** The kind of that name. INVALID_ARGUMENT when there is none. */
export function blockKindNamed(kinds: readonly BlockKind[], name: string): BlockKind {
  const found = kinds.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  const names = kinds.map((kind) => kind.name);
  const near = nearestName(name, names);
  const remedy = near === undefined ? `known kinds: ${names.join(", ")}` : `did you mean "${near}"?`;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `there is no kind of block "${name}", ${remedy}; name your own in blockKinds`,
  );
}

function unusable(reason: string): TailrecError {
  return new TailrecError("INVALID_OPTIONS", `blockKinds: ${reason}; give your kind another name`);
}
