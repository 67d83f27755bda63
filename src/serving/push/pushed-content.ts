/**
 * What of a bundle goes to a store. Items like an item are near by the cosine of their vectors. Items for a user are near by the inner
 * product of the user's vector with v / |v|^tail, the tail dial at the bundle's own place. Which of the two a store measures follows
 * from what it is for, and nobody has to know.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import type { Attribute } from "../../data/catalog.ts";
import { TailrecError } from "../../errors.ts";
import { scaleNorms } from "../../hybrid/norms.ts";
import { alongAxes, leadingColumns } from "../../hybrid/score-axes.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { nearestName } from "../../options.ts";
import type { AttributeValue, Metric, StoredAttribute } from "../../stores/store-kind.ts";
import type { StoreContent } from "../../stores/store-push.ts";

export const purposes = ["similar", "recommend"] as const;

/** What a collection is asked for: items like an item, or items for a user. */
export type Purpose = (typeof purposes)[number];

const METRICS: Readonly<Record<Purpose, Metric>> = { similar: "cosine", recommend: "dot" };

export interface ContentOptions {
  readonly purpose: Purpose;
  /** Names of the attributes to store; all when absent. */
  readonly attributes?: readonly string[];
  /** The first so many numbers of each vector; all when absent. */
  readonly dimensions?: number;
}

/** Vectors along the score axes with their payload. INVALID_ARGUMENT for an attribute that the items do not have. */
export async function pushedContent(
  bundle: Bundle,
  { purpose, attributes: names, dimensions }: ContentOptions,
): Promise<StoreContent> {
  const { catalog, model, manifest, axes } = bundle;
  const attributes = names?.map((name) => attributeNamed(catalog.attributes, name)) ?? catalog.attributes;
  const { vectors, support, source, uncertainty } = model.embeddings;
  const served = purpose === "similar" ? vectors : scaleNorms(vectors, manifest.tailDefault);
  const turned = await cut(served, axes, dimensions);
  const items = catalog.ids.map((id, row) => ({
    id,
    title: catalog.titles[row],
    source: source[row],
    support: support[row],
    uncertainty: uncertainty[row],
    attributes: attributes.map((attribute) => storedValue(attribute, row)),
    vector: rowOf(turned, row),
  }));
  return { metric: METRICS[purpose], dimension: turned.columns, attributes: attributes.map(storedAttribute), items };
}

/** Vectors of users, to be asked of a collection for them. */
export function userQueries({ model, axes }: Bundle, dimensions?: number): Promise<Matrix> {
  return cut(model.userVectors, axes, dimensions);
}

async function cut(vectors: Matrix, axes: Matrix, dimensions?: number): Promise<Matrix> {
  const turned = await alongAxes(vectors, axes);
  return leadingColumns(turned, Math.min(dimensions ?? turned.columns, turned.columns));
}

function attributeNamed(attributes: readonly Attribute[], name: string): Attribute {
  const found = attributes.find((attribute) => attribute.name === name);
  if (found !== undefined) return found;
  const names = attributes.map((attribute) => attribute.name);
  const near = nearestName(name, names);
  const remedy = near === undefined ? `they have ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
  throw new TailrecError("INVALID_ARGUMENT", `the items have no attribute "${name}"; ${remedy}`);
}

function storedAttribute({ name, kind }: Attribute): StoredAttribute {
  return { name, kind: kind === "category" ? "category" : "number" };
}

function storedValue(attribute: Attribute, row: number): AttributeValue {
  if (attribute.kind === "category") return attribute.values[row];
  return Number.isFinite(attribute.values[row]) ? attribute.values[row] : null;
}
