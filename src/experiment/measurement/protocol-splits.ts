/** The one loop over protocols, seeds and splits: which protocols a pipeline asks for, and how they part its data. */
import type { Interactions } from "../../data/interactions.ts";
import type { GivenSplit, HeldOutOrder, Protocol, SplitMaker } from "./protocol.ts";

/** The `evaluation:` part of a pipeline: options of every protocol under its key, null or false where it is not asked for. */
export type AskedProtocols = Readonly<Record<string, unknown>> & { readonly seeds: readonly number[] | null };

/** What splits are made of. */
export interface SplitData extends GivenSplit {
  readonly interactions: Interactions;
}

/** Protocols that share their splits. */
export interface ProtocolGroup {
  readonly maker: SplitMaker<unknown, unknown>;
  /** The options of its splits. */
  readonly options: unknown;
  readonly protocols: readonly Protocol[];
}

/** Whether the options name a protocol: null and false leave it out. */
export function isAsked(asked: Readonly<Record<string, unknown>>, option: string): boolean {
  return ![null, false, undefined].includes(asked[option] as null | false | undefined);
}

/** The protocols that the pipeline asks for, by their splits, in the order of the list. One whose splits are left out is not asked. */
export function askedGroups(asked: AskedProtocols, protocols: readonly Protocol[]): ProtocolGroup[] {
  const chosen = protocols.filter(({ option, splits }) => isAsked(asked, option) && isAsked(asked, splits.option));
  return [...new Set(chosen.map(({ splits }) => splits))].map((maker) => ({
    maker,
    options: asked[maker.option],
    protocols: chosen.filter(({ splits }) => splits === maker),
  }));
}

/** The splits of a group, one a seed. Errors: those of its maker. */
export function splitsOf(
  { maker, options }: Pick<ProtocolGroup, "maker" | "options">,
  { interactions, ...given }: SplitData,
  { seeds }: Pick<AskedProtocols, "seeds">,
): unknown[] {
  const isRepeated = maker.repeated && !maker.isSeedless?.(options);
  if (!isRepeated || seeds === null) return [maker.split(interactions, options, given)];
  return seeds.map((seed) => maker.split(interactions, { ...Object(options), seed }, given));
}

/** What a split holds out, and which of a user's interactions these are. */
export interface HeldOutPart {
  readonly heldOut: Interactions;
  readonly order: HeldOutOrder;
}

/** What all protocols together hold out: one part a split. */
export function heldOutParts(data: SplitData, asked: AskedProtocols, protocols: readonly Protocol[]): HeldOutPart[] {
  return askedGroups(asked, protocols).flatMap(({ maker, options }) =>
    splitsOf({ maker, options }, data, asked).map((split) => ({
      heldOut: maker.heldOut(split),
      order: maker.order?.(split) ?? "random",
    })),
  );
}
