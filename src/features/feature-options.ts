/** Options of the feature stage, the `features:` part of a pipeline: those of every kind of block, by its name. Null leaves one out. */
import { z } from "zod";
import { parseOptions } from "../options.ts";
import type { BlockKind, BlockOptions, BlockSchema } from "./block-kind.ts";
import { type BlockExtensions, type BuiltInKind, blockKinds, kindsWith } from "./block-kinds.ts";

type Shape<Kind extends { readonly name: string; readonly schema: BlockSchema }> = {
  readonly [K in Kind as K["name"]]: K["schema"];
};

/** Options as written, of the built-in kinds and of one's own. */
export type FeatureOptionsInput<Own extends BlockKind = never> = {
  readonly [K in BuiltInKind | Own as K["name"]]?: z.input<K["schema"]>;
};

/** Options with every default filled, by kind. */
export type ParsedFeatures = Readonly<Record<string, BlockOptions | null>>;

/** Schema of the options of the built-in kinds and the caller's. */
export function featureOptionsSchemaWith(
  own: BlockExtensions,
): z.ZodObject<Readonly<Record<string, BlockSchema>>, z.core.$strict> {
  return z.strictObject(Object.fromEntries(kindsWith(own).map(({ name, schema }) => [name, schema])));
}

/** Schema of the options of the built-in kinds. */
export const featureOptionsSchema = featureOptionsSchemaWith({}) as z.ZodObject<Shape<BuiltInKind>, z.core.$strict>;

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
  const kinds = kindsWith(own);
  const parsed = parseOptions(featureOptionsSchemaWith(own), options, "features");
  return { kinds, options: parsed, chosen: chosenBlocks(parsed, kinds) };
}
