/** `npm run docs`: writes every generated page and picture; `test/documentation` holds them against their sources. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generatedFiles } from "./generated-files.ts";

for (const [path, text] of await generatedFiles()) await writeFile(join(import.meta.dirname, path), text);
