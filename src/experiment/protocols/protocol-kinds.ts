/** The protocols, in the order in which reports show them. A protocol is one module and one line of this list. */
import { TailrecError } from "../../errors.ts";
import { withKinds } from "../../kinds.ts";
import type { Protocol } from "../measurement/protocol.ts";
import { coldItems } from "./cold-items.ts";
import { givenSplit } from "./given-split.ts";
import { launch } from "./launch.ts";
import { ratings } from "./ratings.ts";
import { similarItems } from "./similar-items.ts";
import { warmTail } from "./warm-tail.ts";
import { warmUp } from "./warm-up.ts";

export const protocolKinds = [launch, givenSplit, coldItems, warmUp, warmTail, similarItems, ratings] as const;

/** Protocols from outside this package. */
export interface ProtocolExtensions {
  /** Protocols beside the built-in ones. */
  readonly protocolKinds?: readonly Protocol[];
}

/** The built-in protocols and the caller's own. INVALID_OPTIONS for a name or an option that is taken. */
export function protocolsWith({ protocolKinds: own = [] }: ProtocolExtensions): readonly Protocol[] {
  const protocols = withKinds<Protocol>(protocolKinds, own, "protocolKinds");
  const options = protocols.map(({ option }) => option);
  const twice = options.find((option, i) => options.indexOf(option) < i);
  if (twice === undefined) return protocols;
  throw new TailrecError(
    "INVALID_OPTIONS",
    `protocolKinds: the option "${twice}" is taken; give your protocol another one`,
  );
}
