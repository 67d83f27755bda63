/** What answers call a bundle. */
import { basename, dirname, resolve } from "node:path";

/** A bundle is called by its folder, and by the folder around it where that says nothing; "/bundle" has none around it. */
export function bundleName(folder: string): string {
  const path = resolve(folder);
  const around = basename(dirname(path));
  return basename(path) === "bundle" && around !== "" ? around : basename(path);
}
