/** Options of the feature stage, the `features:` part of a pipeline: those of every kind of block, by its name. Null leaves one out. */
import { z } from "zod";
import { parseOptions } from "../options.ts";
import type { BlockKind, BlockOptions } from "./block-kind.ts";
import { type BlockExtensions, type BuiltInKind, blockKinds, blockKindsWith } from "./block-kinds.ts";

/** The type knows the options of the built-in kinds; those of a caller's own stand beside them. */
type FeatureSchema = z.ZodObject<{ readonly [K in BuiltInKind as K["name"]]: K["schema"] }, z.core.$strict>;

/** Options as written, of the built-in kinds and of one's own. */
export type FeatureOptionsInput<Own extends BlockKind = never> = {
  readonly [K in BuiltInKind | Own as K["name"]]?: z.input<K["schema"]>;
};

/** Where a pipeline names no features: every mapped column as a field, and no encoder. */
export const defaultFeatures = {
  fields: {},
  lexical: null,
  attributes: null,
} as const satisfies FeatureOptionsInput;

/** Options with every default filled, by kind. */
export type ParsedFeatures = Readonly<Record<string, BlockOptions | null>>;

/** Schema of the options of the built-in kinds and the caller's. */
export function featureOptionsSchemaWith(own: BlockExtensions): FeatureSchema {
  const shape = Object.fromEntries(blockKindsWith(own).map(({ name, schema }) => [name, schema]));
  return z.strictObject(shape as FeatureSchema["shape"]);
}

/** Schema of the options of the built-in kinds. */
export const featureOptionsSchema = featureOptionsSchemaWith({});

export type FeatureOptions = z.output<typeof featureOptionsSchema>;

/** A kind of block that the options ask for. */
export interface ChosenBlock {
  readonly kind: BlockKind;
  readonly options: BlockOptions;
}

/** The kinds that the options do not leave out, in column order. */
export function chosenBlocks(options: ParsedFeatures, kinds: readonly BlockKind[] = blockKinds): ChosenBlock[] {
  return kinds.flatMap((kind) => {
    const chosen = options[kind.name] ?? null;
    return chosen === null ? [] : [{ kind, options: chosen }];
  });
}

export interface FeatureChoice {
  readonly kinds: readonly BlockKind[];
  readonly options: ParsedFeatures;
  readonly chosen: readonly ChosenBlock[];
}

/** Parses options of the built-in kinds and one's own. INVALID_OPTIONS with the path and the nearest name. */
export function chooseBlocks(options: unknown, own: BlockExtensions): FeatureChoice {
  const kinds = blockKindsWith(own);
  const parsed = parseOptions(featureOptionsSchemaWith(own), options, "features");
  return { kinds, options: parsed, chosen: chosenBlocks(parsed, kinds) };
}
