/** The path at which an output really stands: through symbolic links, so that a link stays a link. */
import { lstatSync, readlinkSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** As many links as a path may lead through; more go in a circle. */
const MOST_LINKS = 40;

/** Links followed, whether or not anything is there; a writer's own link, while it exchanges outputs, is none. */
export async function realTarget(path: string, links = MOST_LINKS): Promise<string> {
  const absolute = resolve(path);
  const folder = await realpath(dirname(absolute)).catch(() => dirname(absolute));
  const target = join(folder, basename(absolute));
  const text = linkText(target);
  if (text === undefined || PLAN_LINK.test(text) || links === 0) return target;
  return realTarget(resolve(folder, text), links - 1);
}

/** A link of some plan (output-plan.ts): to whoever asks for the file, it is the file. */
const PLAN_LINK = /(^|[\\/])\.tailrec-[0-9a-f]{8}-[0-9a-f]{16}[\\/]current[\\/]\d+$/;

/** Where the link at the path leads, as written in it; undefined where there is none. */
export function linkText(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
