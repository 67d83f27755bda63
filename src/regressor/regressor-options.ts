/** Options of the regressor f: features -> factors, put together from those of its kinds. */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import { taskOptions } from "./regression-task.ts";
import type { RegressorKind } from "./regressor-kind.ts";
import {
  type RegressorExtensions,
  type RegressorName,
  type regressorKinds,
  regressorKindsWith,
} from "./regressor-kinds.ts";

/** The schema where a caller's own kinds can be named beside the built-in ones. */
export function regressorOptionsSchemaWith(extensions: RegressorExtensions) {
  const kinds = regressorKindsWith(extensions);
  const names: readonly RegressorName[] = kinds.map(({ name }) => name);
  return z.strictObject({
    kind: z
      .enum([...names, "auto"])
      .default("ridge")
      .describe("the method, or auto: the best of `kinds` on held-out items treated as cold"),
    kinds: z
      .array(z.enum(names))
      .min(1)
      .default([...names])
      .describe("methods that kind: auto tries; the first, unless a later one orders held-out items clearly better"),
    ...shapeOf(kinds),
    ...taskOptions,
  });
}

/** The intersection of the members of a union. */
type Joined<U> = (U extends unknown ? (member: U) => void : never) extends (joined: infer J) => void ? J : never;

/** The options of the kinds side by side. The type knows those of the built-in kinds, which are always among them. */
type KindShape = Joined<(typeof regressorKinds)[number]["options"]>;

/** INVALID_OPTIONS where a key means two things. */
function shapeOf(kinds: readonly RegressorKind[]): KindShape {
  const shape: Record<string, z.core.$ZodType> = {};
  for (const { name, options } of kinds) {
    for (const [key, schema] of Object.entries(options)) {
      const other = { kind: undefined, kinds: undefined, ...taskOptions, ...shape };
      if (Object.hasOwn(other, key) && shape[key] !== schema) {
        throw new TailrecError(
          "INVALID_OPTIONS",
          `regressorKinds: "${name}" has an option "${key}", which is taken; give it another key`,
        );
      }
      shape[key] = schema;
    }
  }
  return shape as KindShape;
}

/** The schema of the built-in kinds. */
export const regressorOptionsSchema = regressorOptionsSchemaWith({});

export type RegressorOptions = z.input<typeof regressorOptionsSchema>;
export type ResolvedRegressorOptions = z.output<typeof regressorOptionsSchema>;
