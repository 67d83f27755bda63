/** A computation that waits until it is asked for and is done once: those who share it need not know who comes first. */

/** The same value as long as somebody else holds it; computed anew after that. */
export function whileHeld<T extends object>(compute: () => Promise<T>): () => Promise<T> {
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

/** The same value, or the same promise, however often it is asked for. */
export function once<T>(compute: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}

/** The same value as long as somebody else holds it, without waiting: for what is large and soon made again. */
export function weakly<T extends object>(compute: () => T): () => T {
  let known: WeakRef<T> | undefined;
  return () => {
    const value = known?.deref() ?? compute();
    known = new WeakRef(value);
    return value;
  };
}
