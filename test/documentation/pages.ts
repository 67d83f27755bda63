/** The pages that people read, and their running text without tables, code and headings. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

export interface Page {
  /** Path from the repository's root. */
  readonly path: string;
  readonly text: string;
}

export function readPages(): Page[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const written = inDocs.filter((path) => path.endsWith(".md") && !path.startsWith("node_modules"));
  const paths = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "bench/README.md",
    "examples/README.md",
    ...written.sort().map((path) => `docs/${path}`),
  ];
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Paragraphs and list entries as one line each; code in backticks counts as one word. */
export function proseOf(text: string): string[] {
  const withoutCode = text.replace(/```[\s\S]*?```/g, "\n\n").replace(/<!--[\s\S]*?-->/g, "");
  const kept = withoutCode.split("\n").filter((line) => !/^(\||#|!\[|\s*$)/.test(line) || line.trim() === "");
  return kept
    .join("\n")
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .map((block) =>
      block
        .replace(/^\s*(?:[-*]|\d+\.) /, "")
        .replace(/`[^`]*`/g, "code")
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replaceAll("**", "")
        .replace(/\*([^*]+)\*/g, "$1")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((block) => block !== "");
}

/** Sentences end in . ! ? or : before a blank; a full stop inside a number or a name does not end one. */
export function sentencesOf(text: string): string[] {
  return proseOf(text).flatMap((block) => block.split(/(?<=[.!?:])\s+(?=["'(A-Z0-9]|(?:code|tailrec)\b)/));
}

export function wordsOf(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /\w/.test(word)).length;
}
