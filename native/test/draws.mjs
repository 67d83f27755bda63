/** Seeded random draws (mulberry32), the same in every run. */
export function createDraws(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (limit) => Math.floor(next() * limit);
  return { next, integer, pick: (list) => list[integer(list.length)] };
}
