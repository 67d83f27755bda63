/** Generated pages and pictures are what their sources say today; `npm run docs` makes them again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedFiles } from "../../docs/generated-files.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");

describe("generated files", async () => {
  it.each([...(await generatedFiles())])("docs/%s stands as generated (else: npm run docs)", (path, text) => {
    expect(readFileSync(join(docs, path), "utf8")).toBe(text);
  });
});
