/** The encoders that feature options name: who must be at hand, whose vectors the cache keeps, what a path means. */

import { withDtype } from "../encoders/models/encoder-name.ts";
import type { BuiltInTask } from "../encoders/tasks.ts";
import type { BlockKind } from "./block-kind.ts";
import { type ChosenBlock, chosenBlocks, type ParsedFeatures } from "./feature-options.ts";

export interface NamedEncoder {
  readonly task: BuiltInTask["name"];
  /** Its name as `readEncoderName` takes it. */
  readonly encoder: string;
}

/** One a block that has an encoder, in the order of the blocks. */
export function namedEncoders(chosen: readonly ChosenBlock[]): NamedEncoder[] {
  return chosen.flatMap(({ kind: { task }, options }) => {
    if (task === undefined || !("encoder" in options)) return [];
    const dtype = "dtype" in options && options.dtype !== undefined ? String(options.dtype) : undefined;
    return [{ task, encoder: withDtype(String(options.encoder), dtype) }];
  });
}

/** The options with every encoder's name replaced. */
export function renameEncoders<Options extends ParsedFeatures>(
  options: Options,
  rename: (encoder: string) => string,
  kinds?: readonly BlockKind[],
): Options {
  const renamed = chosenBlocks(options, kinds).flatMap(({ kind, options: own }) =>
    kind.task !== undefined && "encoder" in own
      ? [[kind.name, { ...own, encoder: rename(String(own.encoder)) }] as const]
      : [],
  );
  return { ...options, ...Object.fromEntries(renamed) };
}
