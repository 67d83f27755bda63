/**
 * Interactions that come a second time: pairs of which an update has nothing later than the bundle. A job that is given all interactions, or
 * the day before yesterday's again, would count them twice. Without times nothing tells a repetition from somebody who came back.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import type { BundleUpkeep } from "../../bundle/bundle-upkeep.ts";
import { entriesDigest } from "../../bundle/data-fingerprint.ts";
import type { Interactions } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";

export interface NewInteractions {
  /** What they are known by in the updates of a bundle. */
  readonly digest: string;
  /** Pairs among them that the bundle has at the same time or later. */
  readonly repeated: number;
}

/** INVALID_ARGUMENT where the bundle was made of them or updated by them, and where most of their pairs come again. */
export function requireNew(
  bundle: Bundle,
  { updates }: BundleUpkeep,
  added: Parameters<typeof entriesDigest>[0],
): NewInteractions {
  const digest = entriesDigest(added);
  const place = updates.findIndex((update) => update.digest === digest);
  if (place !== -1) {
    const which = `update ${place + 1} of ${updates.length} since the last run`;
    throw known(`these interactions are in the bundle already (${which}); name the later ones`);
  }
  if (updates.length === 0 && digest === entriesDigest(bundle)) {
    throw known("these interactions are those that the bundle was made of; name the later ones");
  }
  const repeated = repeatedPairs(bundle.interactions, added.interactions);
  const pairs = added.interactions.indices.length;
  if (repeated <= pairs / 2) return { digest, repeated };
  const share = `${repeated} of ${pairs} user-item pairs`;
  throw known(`${share} are in the bundle already, at the same time or later; name the later interactions`);
}

function known(message: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", message);
}

/** How many pairs of `later` the earlier ones have at the same time or later. Rows and columns are the same in both, as far as they reach. */
function repeatedPairs(earlier: Interactions, later: Interactions): number {
  const { times: known } = earlier;
  const { times } = later;
  if (known === undefined || times === undefined) return 0;
  let repeated = 0;
  for (let user = 0; user < earlier.rows; user++) {
    const [begin, end] = [later.indptr[user], later.indptr[user + 1]];
    if (begin === end) continue;
    const latest = new Map<number, number>();
    for (let at = earlier.indptr[user]; at < earlier.indptr[user + 1]; at++) latest.set(earlier.indices[at], known[at]);
    for (let at = begin; at < end; at++) if (times[at] <= (latest.get(later.indices[at]) ?? Number.NaN)) repeated++;
  }
  return repeated;
}
