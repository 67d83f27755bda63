/** What answers call a bundle. */
import { basename, dirname, resolve } from "node:path";

/** A bundle is called by its folder, and by the folder around it where that says nothing. */
export function bundleName(folder: string): string {
  const path = resolve(folder);
  return basename(path) === "bundle" ? basename(dirname(path)) : basename(path);
}
