/** Clients of stores are optional: loaded when a store is named. */
import { TailrecError } from "../errors.ts";
import { importOptional } from "../optional-package.ts";
import { errorCodeOf } from "./store-errors.ts";

/** The package's exports, by whoever calls said to be of type T. STORE_CLIENT_MISSING with the line that installs it. */
export async function loadClient<T>(name: string, packages: readonly string[]): Promise<T> {
  const missing = (cause?: unknown): TailrecError => {
    const line = `npm install ${packages.join(" ")}`;
    return new TailrecError("STORE_CLIENT_MISSING", `the package ${name} is not installed; install it: ${line}`, {
      cause,
    });
  };
  try {
    const client = await importOptional(name);
    if (client !== undefined) return client as T;
  } catch (cause) {
    // One of its own dependencies is not there.
    const isMissing = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(errorCodeOf(cause) ?? "");
    throw isMissing ? missing(cause) : cause;
  }
  throw missing();
}
