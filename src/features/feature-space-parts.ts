/** A feature space as JSON and tensors, the form in which a bundle stores it, and back. */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import type { Matrix } from "../math/matrix.ts";
import { describeMismatch } from "../options.ts";
import type { Projection } from "./blocks/projection.ts";
import { featureOptionsSchema } from "./feature-options.ts";
import type { EncoderSpace, FeatureSpace } from "./feature-space.ts";

export interface FeatureSpaceParts {
  /** Survives JSON.stringify and JSON.parse. */
  readonly json: unknown;
  readonly tensors: Readonly<Record<string, Matrix>>;
}

const encoderSchema = z
  .strictObject({ encoder: z.string(), digest: z.string(), dimension: z.int(), projected: z.boolean() })
  .nullable();

/** Bundles of tailrec 0.1.0 do not say. */
const absent = z.boolean().default(false);

const charactersSchema = z.strictObject({ minimum: z.int(), maximum: z.int(), weight: z.number() });

export const attributeSpaceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("category"), name: z.string(), levels: z.array(z.string()), pooled: absent }),
  z.strictObject({
    kind: z.enum(["number", "price"]),
    name: z.string(),
    mean: z.number(),
    deviation: z.number(),
    missing: absent,
  }),
]);

const partsSchema = z.strictObject({
  options: featureOptionsSchema,
  text: encoderSchema,
  lexical: z
    .strictObject({
      terms: z.array(z.string()),
      bigrams: z.boolean(),
      characters: charactersSchema.nullable().default(null),
    })
    .nullable(),
  image: encoderSchema,
  attributes: z.array(attributeSpaceSchema).nullable(),
  whitened: z
    .strictObject({ lexical: z.boolean(), attributes: z.boolean() })
    .default({ lexical: false, attributes: false }),
});

type EncoderPart = z.output<typeof encoderSchema>;

export function featureSpaceToParts(space: FeatureSpace): FeatureSpaceParts {
  const { options, text, lexical, image, attributes, whitening } = space;
  const json = {
    options,
    text: encoderPart(text),
    lexical: lexical && { terms: lexical.terms, bigrams: lexical.bigrams, characters: lexical.characters },
    image: encoderPart(image),
    attributes,
    whitened: { lexical: whitening.lexical !== null, attributes: whitening.attributes !== null },
  };
  const tensors = {
    ...projectionTensors("text", text?.projection),
    ...projectionTensors("image", image?.projection),
    ...projectionTensors("whitening.lexical", whitening.lexical),
    ...projectionTensors("whitening.attributes", whitening.attributes),
    ...(lexical && {
      "lexical.inverseFrequency": { rows: 1, columns: lexical.terms.length, values: lexical.inverseFrequency },
      "lexical.projection": lexical.projection,
    }),
  };
  return { json, tensors };
}

/** BUNDLE_CORRUPT when the parts are not those of a feature space. */
export function featureSpaceFromParts({ json, tensors }: FeatureSpaceParts): FeatureSpace {
  const parsed = partsSchema.safeParse(json);
  if (!parsed.success) {
    throw new TailrecError("BUNDLE_CORRUPT", `the feature space cannot be read: ${describeMismatch(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  const { options, text, lexical, image, attributes, whitened } = parsed.data;
  return {
    options,
    text: encoderSpace("text", text, tensors),
    lexical: lexical && {
      ...lexical,
      inverseFrequency: tensor(tensors, "lexical.inverseFrequency").values,
      projection: tensor(tensors, "lexical.projection"),
    },
    image: encoderSpace("image", image, tensors),
    attributes,
    whitening: {
      lexical: projectionOf("whitening.lexical", whitened.lexical, tensors),
      attributes: projectionOf("whitening.attributes", whitened.attributes, tensors),
    },
  };
}

function encoderPart(space: EncoderSpace | null): EncoderPart {
  if (space === null) return null;
  const { encoder, digest, dimension, projection } = space;
  return { encoder, digest, dimension, projected: projection !== null };
}

function projectionTensors(block: string, projection: Projection | null | undefined): Record<string, Matrix> {
  return projection ? { [`${block}.mean`]: projection.mean, [`${block}.axes`]: projection.axes } : {};
}

function encoderSpace(
  block: string,
  part: EncoderPart,
  tensors: Readonly<Record<string, Matrix>>,
): EncoderSpace | null {
  if (part === null) return null;
  const { projected, ...rest } = part;
  return { ...rest, projection: projectionOf(block, projected, tensors) };
}

function projectionOf(block: string, projected: boolean, tensors: FeatureSpaceParts["tensors"]): Projection | null {
  return projected ? { mean: tensor(tensors, `${block}.mean`), axes: tensor(tensors, `${block}.axes`) } : null;
}

function tensor(tensors: Readonly<Record<string, Matrix>>, name: string): Matrix {
  const found = tensors[name];
  if (found !== undefined) return found;
  throw new TailrecError("BUNDLE_CORRUPT", `the feature space has no tensor "${name}"; write the bundle again`);
}
