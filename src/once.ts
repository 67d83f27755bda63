/** A computation that waits until it is asked for and is done once: those who share it need not know who comes first. */

/** The same value, or the same promise, however often it is asked for. */
export function once<T>(compute: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}
