/** Draws that follow from a text alone: the same user, day and item get the same draw, in whatever order and block they come. */

/** FNV-1a over UTF-16 units, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** A uniform draw from [0, 1) for the pair of a hash and a number. */
export function uniform(hash: number, number: number): number {
  return mixed(hash ^ Math.imul(number + 1, 0x9e3779b9)) / 4294967296;
}

/** A standard normal draw (Box-Muller) for the pair of a hash and a number. */
export function standardNormal(hash: number, number: number): number {
  const first = mixed(hash ^ Math.imul(number + 1, 0x9e3779b9));
  const second = mixed(first ^ 0x85ebca6b);
  return Math.sqrt(-2 * Math.log((first + 1) / 4294967297)) * Math.cos((2 * Math.PI * second) / 4294967296);
}

/** The finaliser of MurmurHash3: every bit of the input moves every bit of the result. */
function mixed(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
