/** Packages that tailrec does not install: found beside it, else among those of the current directory. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The package as a module, what it exports by default under `default`; undefined where it is not installed. Whatever it throws while it loads is thrown on. */
export async function importOptional(name: string): Promise<object | undefined> {
  const path = resolved(name, import.meta.url) ?? resolved(name, join(process.cwd(), "package.json"));
  if (path === undefined) return undefined;
  // By path: bundlers and test runners put stubs in the place of optional packages.
  return import(pathToFileURL(path).href);
}

function resolved(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
