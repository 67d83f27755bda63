/**
 * How many pixels are decoded at a time, by all threads that share a counter: pictures wait until there is room. One alone may always
 * begin, so that the largest allowed one is decoded too.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** As many as one picture may have: some 10 bytes each where it has 16 bits and transparency. */
const MOST_PIXELS = 100_000_000;
const RETRY_MS = 5;

export interface PixelGate {
  /** Does the work on a picture of so many pixels when there is room for it. */
  through<T>(pixels: number, work: () => Promise<T>): Promise<T>;
}

/** `memory` holds the count, four bytes that begin as 0. */
export function pixelGate(memory: SharedArrayBuffer, most = MOST_PIXELS): PixelGate {
  const inFlight = new Int32Array(memory);
  const enters = (pixels: number): boolean => {
    const before = Atomics.load(inFlight, 0);
    if (before > 0 && before + pixels > most) return false;
    return Atomics.compareExchange(inFlight, 0, before, before + pixels) === before;
  };
  return {
    through: async (pixels, work) => {
      while (!enters(pixels)) await sleep(RETRY_MS);
      try {
        return await work();
      } finally {
        Atomics.sub(inFlight, 0, pixels);
      }
    },
  };
}
