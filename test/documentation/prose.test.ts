/** Pages are written to be read once: short sentences, and measured figures in tables only. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { proseOf, readPages, root, sentencesOf, wordsOf } from "./pages.ts";

const pages = readPages();

describe("prose", () => {
  it("counts the words of a sentence, code in backticks as one", () => {
    const text =
      "# A title of many words\n\nRun `npm ci && npm test` first. It takes\na minute (e.g. two): then rest.\n\n| a | b |\n";
    expect(sentencesOf(text)).toEqual(["Run code first.", "It takes a minute (e.g. two): then rest."]);
    expect(sentencesOf(text).map(wordsOf)).toEqual([3, 8]);
  });

  it.each(pages)("$path has no sentence of more than 30 words", ({ text }) => {
    expect(sentencesOf(text).filter((sentence) => wordsOf(sentence) > 30)).toEqual([]);
  });

  it.each(pages)("$path has measured figures in tables only", ({ text }) => {
    const measured = /(?<![\w.])\.\d{2,}|\b0?\.\d{3,}|\d ?%|\bms\b|\d times as/;
    expect(proseOf(text).filter((block) => measured.test(block))).toEqual([]);
  });
});

describe("CHANGELOG", () => {
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");

  it("opens with the version of the package", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(/^## (\S+)$/m.exec(changelog)?.[1]).toBe(version);
  });

  it("has the four sections in one order, and lines of at most 25 words", () => {
    const order = ["Added", "Changed", "Fixed", "Breaking"];
    for (const part of changelog.split(/^## /m).slice(1)) {
      const sections = [...part.matchAll(/^### (.+)$/gm)].map(([, name]) => name);
      expect(sections).toEqual(order.filter((name) => sections.includes(name)));
    }
    const lines = proseOf(changelog).filter((line) => wordsOf(line) > 25);
    expect(lines).toEqual([]);
  });
});

describe("links", () => {
  it.each(pages)("of $path lead to files that are there", ({ path, text }) => {
    const targets = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, target]) => target,
    );
    const local = targets.filter((target) => !/^https?:/.test(target));
    expect(local.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
  });

  it("show a picture of the report that is small", () => {
    expect(statSync(join(root, "docs", "pictures", "report.png")).size).toBeLessThan(200_000);
  });
});

describe("decisions", () => {
  const decisions = pages.filter(({ path }) => /decisions\/\d/.test(path));

  it("are numbered without two of one number", () => {
    const numbers = decisions.map(({ path }) => /(\d{3})-/.exec(path)?.[1]);
    expect(new Set(numbers).size).toBe(decisions.length);
    expect(decisions.length).toBeGreaterThan(30);
  });

  it.each(decisions)("$path has a question, a choice, what was measured and what was rejected", ({ text }) => {
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      "Question",
      "Choice",
      "Measured",
      "Rejected",
    ]);
  });
});
