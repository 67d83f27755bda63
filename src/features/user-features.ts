/** Attributes of users as one feature block, in the encoding that items have: levels, z-scores, a presence bit. */
import type { Attribute } from "../data/catalog.ts";
import type { FeatureBlock, FeatureMatrix } from "../data/feature-matrix.ts";
import { type AttributeSpace, applyAttributes, attributeDimension, fitAttributes } from "./blocks/attribute-columns.ts";
import { attributesBlock } from "./blocks/attributes.ts";

/** A level counts from five users on; what a user does not say is left out. */
const ENCODING = { minimumCount: 5, maximumLevels: 500, poolRare: false, missingNumbers: "mean" } as const;

/** The levels and scales of the given attributes, all users taking part; empty where they tell nothing. */
export function fitUserSpace(attributes: readonly Attribute[]): AttributeSpace[] {
  const users = usersWith(attributes);
  return fitAttributes(
    asCatalog(attributes, users),
    Uint32Array.from({ length: users }, (_, u) => u),
    ENCODING,
  );
}

/** Users x levels; attributes are matched by name and kind. */
export function userFeatures(space: readonly AttributeSpace[], attributes: readonly Attribute[]): FeatureMatrix {
  const users = usersWith(attributes);
  const { vectors, presence } = applyAttributes(space, asCatalog(attributes, users));
  const bits = { rows: users, columns: 1, values: Float32Array.from(presence) };
  return { values: vectors, presence: bits, blocks: userBlocks(space) };
}

/** The one block of a user space. */
export function userBlocks(space: readonly AttributeSpace[]): readonly FeatureBlock[] {
  return [
    {
      name: attributesBlock.name,
      kind: attributesBlock.name,
      offset: 0,
      dimension: attributeDimension(space),
      weight: 1,
    },
  ];
}

function usersWith([first]: readonly Attribute[]): number {
  return first?.values.length ?? 0;
}

/** Users have no texts and no pictures. */
function asCatalog(attributes: readonly Attribute[], users: number) {
  const none = Array.from({ length: users }, () => "");
  return { ids: none, titles: none, descriptions: none, images: none.map(() => null), attributes };
}
