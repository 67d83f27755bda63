/** A computation that waits until it is asked for and is done once: those who share it need not know who comes first. */

/** The same value as long as somebody else holds it; computed anew after that. */
function whileHeld<T extends object>(compute: () => Promise<T>): () => Promise<T> {
  let known: WeakRef<T> | undefined;
  let running: Promise<T> | undefined;
  return async () => {
    const held = known?.deref();
    if (held !== undefined) return held;
    running ??= compute().finally(() => {
      running = undefined;
    });
    const value = await running;
    known = new WeakRef(value);
    return value;
  };
}

/** Work that asks for the same values again and again. */
export interface Holder {
  /** The same value as long as somebody holds it; what is asked for during work stays until all of it is done. */
  hold<T extends object>(compute: () => Promise<T>): () => Promise<T>;
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function createHolder(): Holder {
  const held = new Set<object>();
  let working = 0;
  return {
    hold: (compute) => {
      const ask = whileHeld(compute);
      return async () => {
        const value = await ask();
        if (working > 0) held.add(value);
        return value;
      };
    },
    during: async (work) => {
      working++;
      try {
        return await work();
      } finally {
        working--;
        if (working === 0) held.clear();
      }
    },
  };
}

/** The same value, or the same promise, however often it is asked for. */
export function once<T>(compute: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}

/** The same value as long as somebody else holds it, without waiting: for what is large and soon made again. */
export function weakly<T extends object | undefined>(compute: () => T): () => T {
  let known: WeakRef<NonNullable<T>> | undefined;
  return () => {
    const value = known?.deref() ?? compute();
    if (value !== undefined) known = new WeakRef(value);
    return value;
  };
}
