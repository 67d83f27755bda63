/** The encoders that feature options name: who must be at hand, whose vectors the cache keeps, what a path means. */

import type { BuiltInTask } from "../encoders/tasks.ts";
import type { BlockKind } from "./block-kind.ts";
import { type ChosenBlock, chosenBlocks, type ParsedFeatures } from "./feature-options.ts";

export interface NamedEncoder {
  readonly task: BuiltInTask["name"];
  /** Name in `models/`, or path of a manifest. */
  readonly encoder: string;
}

/** One a block that has an encoder, in the order of the blocks. */
export function namedEncoders(chosen: readonly ChosenBlock[]): NamedEncoder[] {
  return chosen.flatMap(({ kind: { task }, options }) =>
    task !== undefined && "encoder" in options ? [{ task, encoder: String(options.encoder) }] : [],
  );
}

/** The options with every encoder's name replaced. */
export function renameEncoders<Options extends ParsedFeatures>(
  options: Options,
  rename: (encoder: string) => string,
  kinds?: readonly BlockKind[],
): Options {
  const renamed = chosenBlocks(options, kinds).flatMap((chosen) =>
    namedEncoders([chosen]).map(
      ({ encoder }) => [chosen.kind.name, { ...chosen.options, encoder: rename(encoder) }] as const,
    ),
  );
  return { ...options, ...Object.fromEntries(renamed) };
}
