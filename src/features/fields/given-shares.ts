/** The shares of fields, where some are given by the options and the others learnt: those divide what is left. */
import { TailrecError } from "../../errors.ts";
import { nearestName } from "../../options.ts";

/** By name of the field. */
export type GivenShares = Readonly<Record<string, number>>;

/** One share a field, summing to 1; equal ones where nothing was learnt. INVALID_OPTIONS for a field that is not there. */
export function settledShares(
  names: readonly string[],
  given: GivenShares,
  learnt: readonly number[] = names.map(() => 1),
): number[] {
  requireFields(Object.keys(given), names);
  const free = names.map((name, f) => (given[name] === undefined ? learnt[f] : 0));
  const left = Math.max(0, 1 - sumOf(names.map((name) => given[name] ?? 0)));
  const scale = sumOf(free) > 0 ? left / sumOf(free) : 0;
  const shares = names.map((name, f) => given[name] ?? scale * free[f]);
  const total = sumOf(shares);
  return shares.map((share) => (total > 0 ? share / total : 0));
}

function requireFields(given: readonly string[], names: readonly string[]): void {
  const unknown = given.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, names);
  const remedy = near === undefined ? `the items have ${names.join(", ")}` : `did you mean "${near}"?`;
  throw new TailrecError("INVALID_OPTIONS", `features: fields.shares: no field "${unknown}", ${remedy}`);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
