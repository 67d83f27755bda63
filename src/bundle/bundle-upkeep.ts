/**
 * What an update of a bundle needs beyond what serving does: the side that items were solved against, how weights and times were read,
 * attributes of users, and what has come since the last full run. Bundles of before version 0.3 have none of it, and still serve.
 */
import { z } from "zod";
import type { Attribute } from "../data/catalog.ts";
import { matrixNamed, type Safetensors, tensorOf, vectorTensor } from "../data/files/safetensors.ts";
import type { ItemSolve } from "../hybrid/posterior.ts";
import type { Matrix } from "../math/matrix.ts";
import { type Tensors, valuesNamed } from "./bundle-tensors.ts";

const updateSchema = z.strictObject({
  /** sha256 of what was added. */
  digest: z.string(),
  /** User-item pairs that it brought or changed. */
  pairs: z.int(),
  newItems: z.int(),
  newUsers: z.int(),
});

/** One update since the last full run. */
export type UpdateRecord = z.output<typeof updateSchema>;

const attributeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ name: z.string(), kind: z.literal("category"), values: z.array(z.array(z.string())) }),
  z.strictObject({ name: z.string(), kind: z.enum(["number", "price"]), values: z.array(z.number().nullable()) }),
]);

const upkeepSchema = z.strictObject({
  weightUnit: z.number(),
  timeForm: z.string().nullable(),
  decayLatest: z.number().nullable(),
  fittedPairs: z.int(),
  updates: z.array(updateSchema),
  userAttributes: z.array(attributeSchema).nullable(),
});

export interface BundleUpkeep {
  /** The weight in the interactions file that counts 1. */
  readonly weightUnit: number;
  /** How the times of the interactions file were read; absent where it has none. */
  readonly timeForm?: string;
  /** The time from which the age of interactions is counted back, in seconds; absent where nothing decays. */
  readonly decayLatest?: number;
  /** User-item pairs of the last full run. */
  readonly fittedPairs: number;
  /** Updates since then, the earliest first. */
  readonly updates: readonly UpdateRecord[];
  /** Attributes of the users, in their order; absent where the pipeline names no users file. */
  readonly userAttributes?: readonly Attribute[];
}

/** The part that is JSON. */
export function upkeepDocument(upkeep: BundleUpkeep): z.input<typeof upkeepSchema> {
  const { weightUnit, timeForm = null, decayLatest = null, fittedPairs, updates, userAttributes } = upkeep;
  const attributes = userAttributes?.map(writtenAttribute) ?? null;
  return { weightUnit, timeForm, decayLatest, fittedPairs, updates: [...updates], userAttributes: attributes };
}

function writtenAttribute(attribute: Attribute): z.input<typeof attributeSchema> {
  if (attribute.kind === "category") return { ...attribute, values: attribute.values.map((list) => [...list]) };
  return { ...attribute, values: Array.from(attribute.values, (value) => (Number.isNaN(value) ? null : value)) };
}

/** The upkeep of `upkeepDocument`. Throws what the schema does. */
export function readUpkeep(document: unknown): BundleUpkeep {
  const { timeForm, decayLatest, userAttributes, ...rest } = upkeepSchema.parse(document);
  return {
    ...rest,
    ...(timeForm !== null && { timeForm }),
    ...(decayLatest !== null && { decayLatest }),
    ...(userAttributes !== null && { userAttributes: userAttributes.map(readAttribute) }),
  };
}

function readAttribute(attribute: z.output<typeof attributeSchema>): Attribute {
  if (attribute.kind === "category") return attribute;
  return { ...attribute, values: Float64Array.from(attribute.values, (value) => value ?? Number.NaN) };
}

/** Left out where it is the plain factors themselves: joint training of no rounds. */
const USER_FACTORS = "userFactors";

/** What items are solved against, as tensors; `plain` are the factors that the model keeps anyway. */
export function itemSolveTensors({ userFactors, gram, dimensionPrecision }: ItemSolve, plain: Matrix): Tensors {
  const shared = { gram: tensorOf(gram), dimensionPrecision: vectorTensor(dimensionPrecision) };
  return userFactors.values === plain.values ? shared : { ...shared, [USER_FACTORS]: tensorOf(userFactors) };
}

export function readItemSolve(file: Safetensors, plain: Matrix, name: string): ItemSolve {
  const values = Float64Array.from(valuesNamed(file, "gram", name));
  const rank = Math.sqrt(values.length);
  return {
    userFactors: USER_FACTORS in file.tensors ? matrixNamed(file, USER_FACTORS, name) : plain,
    gram: { rows: rank, columns: rank, values },
    dimensionPrecision: Float64Array.from(valuesNamed(file, "dimensionPrecision", name)),
  };
}
