/** Where the pictures of rows lie that come without a file of their own: as those of the pipeline's items file. */
import { dirname, resolve } from "node:path";
import type { ParsedItemsOptions } from "../data/ingest/ingest-options.ts";
import type { PictureFolders } from "../data/ingest/item-catalog.ts";

/** `folder` is where relative paths of the pipeline start. */
export function pictureFoldersOf(
  { path, imageFolder: own, imageRoot }: Pick<ParsedItemsOptions, "path" | "imageFolder" | "imageRoot">,
  folder: string,
): PictureFolders {
  const imageFolder = own === null ? dirname(resolve(folder, path)) : resolve(folder, own);
  return { imageFolder, imageRoot: imageRoot === null ? imageFolder : resolve(folder, imageRoot) };
}
