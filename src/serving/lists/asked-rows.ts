/** Whose lists are asked for, by a file of ids or all of them. */

/** The rows of the asked ids, each once, and the ids that nobody has; all rows where none are asked. The first error where all are unknown. */
export function askedRows(
  asked: readonly string[] | undefined,
  ids: readonly string[],
  isKnown: (id: string) => boolean,
  rowOf: (id: string) => number,
): { readonly rows: Uint32Array; readonly unknown: readonly string[] } {
  if (asked === undefined) return { rows: Uint32Array.from(ids.keys()), unknown: [] };
  const distinct = [...new Set(asked)];
  const known = distinct.filter(isKnown);
  const unknown = distinct.filter((id) => !isKnown(id));
  if (known.length === 0 && unknown.length > 0) rowOf(unknown[0]);
  return { rows: Uint32Array.from(known, rowOf), unknown };
}
