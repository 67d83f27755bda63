/** A computation that waits until it is asked for and is done once: steps of a fit share it without knowing who comes first. */

/** The same promise however often it is asked for. */
export function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined;
  return () => {
    pending ??= compute();
    return pending;
  };
}
