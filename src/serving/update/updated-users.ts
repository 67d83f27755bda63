/** Attributes of a bundle's users with a later users file: what it says replaces what was known, users whom it does not name keep theirs. */
import { type Attribute, attributeOfRows } from "../../data/catalog.ts";

export interface UpdatedAttributes {
  /** In the order of the users. */
  readonly attributes: readonly Attribute[];
  /** Rows of the users whom the later file names. */
  readonly named: readonly number[];
}

/** `later` holds attributes of the ids in `laterIds`; nothing is known of users whom neither names. */
export function updateAttributes(
  userIds: readonly string[],
  known: readonly Attribute[],
  laterIds: readonly string[],
  later: readonly Attribute[],
): UpdatedAttributes {
  const laterRow = new Map(laterIds.map((id, row) => [id, row]));
  const knownUsers = known[0]?.values.length ?? 0;
  const rows = userIds.map((id, user) => {
    const row = laterRow.get(id);
    if (row !== undefined) return knownUsers + row;
    return user < knownUsers ? user : undefined;
  });
  const named = Array.from(userIds.keys()).filter((user) => laterRow.has(userIds[user]));
  const attributes = known.map((attribute, a) => attributeOfRows(joined(attribute, later[a]), rows));
  return { attributes, named };
}

function joined(known: Attribute, later: Attribute | undefined): Attribute {
  if (later === undefined) return known;
  if (known.kind === "category" && later.kind === "category") {
    return { ...known, values: [...known.values, ...later.values] };
  }
  const numbers = ({ kind, values }: Attribute) => (kind === "category" ? [] : Array.from(values));
  const values = Float64Array.from([...numbers(known), ...numbers(later)]);
  return { name: known.name, kind: known.kind === "price" ? "price" : "number", values };
}
