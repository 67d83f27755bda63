/** Items and rows of a database: what both say of an item in the same way. */
import type { AttributeValue, StoredAttribute, StoredItem } from "./store-kind.ts";

export type Row = Readonly<Record<string, unknown>>;

type Payload = Pick<StoredItem, "id" | "title" | "source" | "support" | "uncertainty">;

/** What a row says beside attributes and vector. */
export function payloadOf({ id, title, source, support, uncertainty }: Row): Payload {
  return {
    id: String(id),
    title: String(title),
    source: String(source),
    support: Number(support),
    uncertainty: Number(uncertainty),
  };
}

/** As text, nine digits tell every float32 from the next; as doubles, they would be half as long again. */
export function shortNumbers(vector: Float32Array): number[] {
  return Array.from(vector, (value) => Number(value.toPrecision(9)));
}

/** Values by the names of a version's attributes, as JSON. */
export function namedAttributes(attributes: readonly StoredAttribute[], values: StoredItem["attributes"]): string {
  return JSON.stringify(Object.fromEntries(attributes.map(({ name }, a) => [name, values[a]])));
}

/** Values by name in the order of a version's attributes; what is not named is missing. */
export function attributeValues(
  named: Readonly<Record<string, AttributeValue>>,
  attributes: readonly StoredAttribute[],
): readonly AttributeValue[] {
  return attributes.map(({ name, kind }) => named[name] ?? (kind === "category" ? [] : null));
}
