/**
 * Texts as sets of hashed three-word runs, and MinHash signatures of these sets (Broder 1997): two signatures agree in a place
 * with the probability of their sets' Jaccard similarity. Bands of signatures find candidates (Leskovec et al., Mining of
 * Massive Datasets, section 3.4); the similarity itself is then computed exactly.
 */
import { createRandom } from "../math/random.ts";

const RUN = 3;
export const BANDS = 16;
/** With 16 bands of 4, a pair of similarity 0.8 is missed once in 5,000 times. */
const PLACES = 4;
const WORD = /[\p{L}\p{N}]+/gu;

/** Distinct hashes, ascending; a text of one or two words is one run, an empty one none. */
export function shinglesOf(text: string): Uint32Array {
  const words = text.normalize("NFKC").toLowerCase().match(WORD) ?? [];
  const runs = Math.max(words.length - RUN + 1, Math.min(words.length, 1));
  const hashes = Array.from({ length: runs }, (_, i) => hashOf(words.slice(i, i + RUN).join(" ")));
  return Uint32Array.from(new Set(hashes)).sort();
}

/** Shared hashes over all hashes; 0 when both are empty. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [left, right] = [a[i], b[j]];
    if (left === right) shared++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  const all = a.length + b.length - shared;
  return all === 0 ? 0 : shared / all;
}

/** One key a band: texts that share a key are worth comparing. */
export function bandKeys(shingles: Uint32Array): string[] {
  const signature = MULTIPLIERS.map((multiplier, place) => {
    let least = 0xffffffff;
    for (const shingle of shingles) least = Math.min(least, mix(Math.imul(shingle, multiplier) + OFFSETS[place]));
    return least;
  });
  return Array.from({ length: BANDS }, (_, band) => signature.slice(band * PLACES, (band + 1) * PLACES).join(" "));
}

const random = createRandom(1);
const MULTIPLIERS = Array.from({ length: BANDS * PLACES }, () => random.integer(2 ** 32) | 1);
const OFFSETS = MULTIPLIERS.map(() => random.integer(2 ** 32));

/** FNV-1a over UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finaliser of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
