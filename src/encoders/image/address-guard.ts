/**
 * Which network addresses a picture may be fetched from: public unicast ones, and the ranges that a pipeline names. Names are
 * resolved here, once, and the connection is made to what was checked, so that a name cannot change its address in between.
 */
import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { TailrecError } from "../../errors.ts";

export type AddressGuard = (address: string) => boolean;

/** Allows public unicast addresses and the given CIDR ranges ("10.0.0.0/8"). */
export function addressGuard(allowedRanges: readonly string[]): AddressGuard {
  const ranges = allowedRanges.map((range) => ipaddr.parseCIDR(range));
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    // An IPv4 address inside an IPv6 one is judged as what it is.
    const address = ipaddr.process(text);
    const named = ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
    return named || isPublic(address);
  };
}

/** The lookup of a connection: every address of the name that the guard allows; FORBIDDEN_INPUT when there is none. */
export function guardedLookup(guard: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const allowed = found.filter(({ address }) => guard(address));
      const [first] = allowed;
      if (first === undefined) return callback(forbiddenAddress(hostname, found[0]?.address ?? "no address"), []);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

export function forbiddenAddress(host: string, address: string): TailrecError {
  const which = host === address ? address : `${host} (${address})`;
  return new TailrecError(
    "FORBIDDEN_INPUT",
    `${which} is not a public address; name its range in features.image.urls.allowedRanges if it is yours`,
  );
}

/** Tells public addresses from the ranges kept for loopback, private networks, links, tunnels, multicast, documentation or later use. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== "unicast") return false;
  // ::a.b.c.d, the retired form of an embedded IPv4 address.
  return address instanceof ipaddr.IPv4 || address.parts.slice(0, 6).some((part) => part !== 0);
}
