/** Kinds from outside this package that a bundle was made with: whoever loads it must bring them. INVALID_ARGUMENT names what is missing. */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import { type BlockExtensions, blockKindsWith } from "../features/block-kinds.ts";
import { type RegressorExtensions, regressorKindsWith } from "../regressor/regressor-kinds.ts";

const storedKindSchema = z.object({ regressor: z.object({ kind: z.string() }) });

/** A kind that nobody names here is no damage: the bundle is whole, the caller's kinds are not. */
export function requireRegressorKind(document: unknown, kinds: RegressorExtensions): void {
  const stored = storedKindSchema.safeParse(document);
  const known = regressorKindsWith(kinds).map(({ name }) => name);
  if (!stored.success || known.includes(stored.data.regressor.kind)) return;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `the bundle's regressor is of kind "${stored.data.regressor.kind}", known are ${known.join(", ")}; load it with the \`regressorKinds\` that it was made with`,
  );
}

const storedBlocksSchema = z.object({ blocks: z.array(z.object({ kind: z.string() })) });

export function requireBlockKinds(manifest: unknown, kinds: BlockExtensions): void {
  const stored = storedBlocksSchema.safeParse(manifest);
  const known = blockKindsWith(kinds).map(({ name }) => name);
  const unknown = stored.data?.blocks.find(({ kind }) => !known.includes(kind));
  if (unknown === undefined) return;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `the bundle has a block of kind "${unknown.kind}", known are ${known.join(", ")}; load it with the \`blockKinds\` that it was made with`,
  );
}
