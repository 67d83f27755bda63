/**
 * How much is decoded at a time, by all threads that share a counter: pictures wait until there is room for their pixels. One alone may
 * always begin, so that the largest allowed one is decoded too.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** Bytes of decoded pixels: as many as the largest picture of 8 bits and three colours has. Decoders hold some two times as much. */
const MOST_BYTES = 300_000_000;
const RETRY_MS = 5;

export interface DecodingGate {
  /** Does the work on a picture of so many bytes, decoded, when there is room for it. */
  through<T>(bytes: number, work: () => Promise<T>): Promise<T>;
}

/** `memory` holds the count, four bytes that begin as 0. */
export function decodingGate(memory: SharedArrayBuffer, most = MOST_BYTES): DecodingGate {
  const inFlight = new Int32Array(memory);
  const enters = (bytes: number): boolean => {
    const before = Atomics.load(inFlight, 0);
    if (before > 0 && before + bytes > most) return false;
    return Atomics.compareExchange(inFlight, 0, before, before + bytes) === before;
  };
  return {
    through: async (bytes, work) => {
      // What alone is more than all fills the count; the count itself ends at 2^31.
      const share = Math.min(Math.ceil(bytes), most);
      while (!enters(share)) await sleep(RETRY_MS);
      try {
        return await work();
      } finally {
        Atomics.sub(inFlight, 0, share);
      }
    },
  };
}
