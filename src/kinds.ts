/**
 * Kinds from outside this package stand beside the built-in ones: a caller hands them in, nothing is registered anywhere.
 * A name tells one kind from another in options, reports and files, so each is taken once.
 */
import { TailrecError } from "./errors.ts";

/** The built-in kinds, then the caller's own. INVALID_OPTIONS for a name that is taken; `field` is where the own ones stand. */
export function withKinds<K extends { readonly name: string }>(
  builtIn: readonly K[],
  own: readonly K[],
  field: string,
): readonly K[] {
  const kinds = [...builtIn, ...own];
  const names = kinds.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return kinds;
  throw new TailrecError("INVALID_OPTIONS", `${field}: the name "${twice}" is taken; give your kind another one`);
}
