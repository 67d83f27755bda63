/** Clients of stores are optional: loaded when a store is named, from beside tailrec or from the current directory's packages. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TailrecError } from "../errors.ts";
import { errorCodeOf } from "./store-errors.ts";

/** The package's exports, by whoever calls said to be of type T. STORE_CLIENT_MISSING with the line that installs it. */
export async function loadClient<T>(name: string, packages: readonly string[]): Promise<T> {
  try {
    return (await importHere(name)) as T;
  } catch (cause) {
    const isMissing = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(errorCodeOf(cause) ?? "");
    if (!isMissing) throw cause;
    const line = `npm install ${packages.join(" ")}`;
    throw new TailrecError("STORE_CLIENT_MISSING", `the package ${name} is not installed; install it: ${line}`, {
      cause,
    });
  }
}

/** Found first by path: bundlers and test runners put stubs in the place of optional packages. */
async function importHere(name: string): Promise<unknown> {
  const path = resolved(name, import.meta.url) ?? createRequire(join(process.cwd(), "package.json")).resolve(name);
  return import(pathToFileURL(path).href);
}

function resolved(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
