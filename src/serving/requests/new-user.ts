/** What is said of someone new, checked against what the bundle's users have: a misspelt segment must not pass for no segment. */
import type { Attribute } from "../../data/catalog.ts";
import { TailrecError } from "../../errors.ts";
import type { AttributeSpace } from "../../features/blocks/attribute-columns.ts";
import type { UserPrior } from "../../hybrid/user-prior.ts";
import { nearestName } from "../../options.ts";

/** One row of attributes. INVALID_ARGUMENT for a bundle without user attributes, an unknown name, an unknown level, or no number. */
export function newUserAttributes(
  prior: UserPrior | undefined,
  given: Readonly<Record<string, string | number>>,
): Attribute[] {
  if (prior === undefined) {
    throw invalid(
      "this bundle knows no user attributes; name a users file in the pipeline (data.users) and run it again",
    );
  }
  const names = prior.space.map(({ name }) => name);
  return Object.entries(given).map(([name, value]) => {
    const space = prior.space.find((known) => known.name === name);
    if (space === undefined) throw invalid(`no user attribute "${name}"; ${suggestion(name, names)}`);
    return attributeOf(space, value);
  });
}

function attributeOf(space: AttributeSpace, value: string | number): Attribute {
  const { name, kind } = space;
  if (space.kind === "category") {
    const level = String(value);
    if (!space.levels.includes(level)) throw invalid(`no known ${name} "${level}"; ${suggestion(level, space.levels)}`);
    return { name, kind: space.kind, values: [[level]] };
  }
  const number = value === "" ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw invalid(`expected a number for ${name}, received "${value}"`);
  return { name, kind: kind === "price" ? "price" : "number", values: Float64Array.of(number) };
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? `known: ${known.slice(0, 20).join(", ")}` : `did you mean "${near}"?`;
}

function invalid(message: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", `attributes of a new user: ${message}`);
}
