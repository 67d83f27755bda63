/**
 * What of a bundle goes to a store. Items like an item are near by the part of their own vectors for it that lies along the item's, an
 * inner product; by the cosine of the served vectors in bundles that have no others. Items for a user are near by the inner product of
 * the user's vector with v / |v|^tail, the tail dial at the bundle's place. Which of them a store measures follows, and nobody has to know.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import type { Attribute } from "../../data/catalog.ts";
import { TailrecError } from "../../errors.ts";
import { givenAway } from "../../hybrid/alignment.ts";
import { scaleNorms } from "../../hybrid/norms.ts";
import { alongAxes, leadingColumns } from "../../hybrid/score-axes.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { nearestName } from "../../options.ts";
import type { StoreContent } from "../../stores/store-content.ts";
import type { AttributeValue, Metric, Purpose, StoredAttribute } from "../../stores/store-kind.ts";

export interface ContentOptions {
  readonly purpose: Purpose;
  /** Names of the attributes to store; all when absent. */
  readonly attributes?: readonly string[];
  /** The first so many numbers of each vector; all when absent. */
  readonly dimensions?: number;
}

/** Vectors with their payload. INVALID_ARGUMENT for an attribute that the items do not have, and for vectors that cannot be cut. */
export async function pushedContent(
  bundle: Bundle,
  { purpose, attributes: names, dimensions }: ContentOptions,
): Promise<StoreContent> {
  const { catalog, model } = bundle;
  const attributes = names?.map((name) => attributeNamed(catalog.attributes, name)) ?? catalog.attributes;
  const { support, source, uncertainty } = model.embeddings;
  const { metric, vectors } = await vectorsFor(bundle, purpose, dimensions);
  const items = catalog.ids.map((id, row) => ({
    id,
    title: catalog.titles[row],
    source: source[row],
    support: support[row],
    uncertainty: uncertainty[row],
    attributes: attributes.map((attribute) => storedValue(attribute, row)),
    vector: rowOf(vectors, row),
  }));
  const stored = attributes.map(storedAttribute);
  return { purpose, metric, dimension: vectors.columns, attributes: stored, items };
}

interface MeasuredVectors {
  readonly metric: Metric;
  readonly vectors: Matrix;
}

async function vectorsFor(
  { catalog, model, manifest, axes, similarAxes }: Bundle,
  purpose: Purpose,
  dimensions: number | undefined,
): Promise<MeasuredVectors> {
  const { embeddings, similar } = model;
  if (purpose === "recommend") {
    return {
      metric: "dot",
      vectors: await cut(scaleNorms(embeddings.vectors, manifest.tailDefault), axes, dimensions),
    };
  }
  if (similar === undefined) return { metric: "cosine", vectors: await cut(embeddings.vectors, axes, dimensions) };
  if (dimensions === undefined) {
    const { ids } = catalog;
    return { metric: "dot", vectors: await givenAway({ ids, vectors: similar.vectors, axes: similarAxes }) };
  }
  const message =
    "the vectors by which this bundle compares items have no first numbers that carry most; leave dimensions out";
  throw new TailrecError("INVALID_ARGUMENT", message);
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
