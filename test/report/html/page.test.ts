import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluationReportSchema } from "../../../src/evaluation/report-schema.ts";
import { escapeHtml, html } from "../../../src/report/html/markup.ts";
import { formatHtml } from "../../../src/report/html/page.ts";
import { reportDocumentSchema } from "../../../src/report/html/report-document.ts";
import { document, evaluations, hostile, sample } from "./sample-report.ts";

describe("markup", () => {
  it("escapes whatever is put into it, in text and in attributes", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        expect(html`<b title="${text}">${[text]}</b>`.toString()).toBe(
          `<b title="${escapeHtml(text)}">${escapeHtml(text)}</b>`,
        );
      }),
    );
  });

  it("escapes once: what it made itself passes as it is", () => {
    expect(html`<p>${html`<i>${"a & b"}</i>`}${null}${undefined}${false}${0}</p>`.toString()).toBe(
      "<p><i>a &amp; b</i>0</p>",
    );
  });

  it("turns characters that reverse the direction of text into blanks", () => {
    expect(escapeHtml("a\u202eb\u0007c")).toBe("a b c");
  });
});

describe("the page", () => {
  const page = formatHtml(sample);

  it("holds a section for everything that a report has", () => {
    const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([
      "summary",
      "data",
      "cold-items",
      "warm-tail",
      "warm-up",
      "curves",
      "diversity",
      "rules",
      "map",
      "lists",
      "boundaries",
      "leaks",
      "definitions",
      "provenance",
    ]);
  });

  it("lets no text of a catalog become markup", () => {
    for (const text of hostile.slice(0, 4)) expect(page).not.toContain(text);
    // Its own, each once, and none from a title.
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page.match(/<title>/g)).toHaveLength(1);
    expect(page.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son\w+=/i);
  });

  it("names no address: nothing of it can be fetched", () => {
    expect(page).toContain("default-src &#39;none&#39;");
    expect(page.replaceAll(/data:image\/webp[^"]*/g, "")).not.toMatch(/(src|href)="(?![#"])|url\(|@import|https?:/);
  });

  it("prints each figure with its interval", () => {
    expect(page).toContain("hybrid: .1300, 95 % interval .1100 to .1500");
    expect(page).toContain(".1300 <small>.1100–.1500</small>");
    expect(page).toContain("hybrid ahead by +.0300, interval +.0100 to +.0500, p 0.030 after Holm");
  });

  it("says of a protocol what its words say: title, purpose, findings and pictures of its own instead of one a slice", () => {
    const [, section] = page.split('<section id="warm-up"');
    const [own] = section.split("</section>");
    expect(own).toContain(">Warm-up curve</h2>");
    expect(own).toContain("What models make of items as they warm up, ");
    expect(own).toContain("<li>als reaches &quot;&gt;&lt;img");
    expect(own).toContain('aria-label="how figures grow"');
    expect(own).not.toContain('<table class="dots"');
    expect(page).toMatch(/<dt>Warm-up curve: NDCG@10, among n=1 items<\/dt>/);
  });

  it("gives every protocol a title, where nothing is said of it", () => {
    const report = { ...evaluations[0], protocol: { ...evaluations[0].protocol, kind: "next-week" } };
    expect(formatHtml({ evaluations: [report] })).toContain('<h2 id="next-week-title">Next week</h2>');
  });

  it("prints the definitions that the evaluations carry, each once", () => {
    expect(page.match(/gain over its best value/g)).toHaveLength(1);
  });

  it("is the same for the same data", () => {
    expect(formatHtml(structuredClone(sample))).toBe(page);
  });

  it("shows figures alone where there is nothing else", () => {
    const bare = formatHtml({ evaluations });
    expect(bare).toContain('<section id="warm-tail"');
    expect(bare).not.toContain('<section id="map"');
  });

  it("says that behaviour has no list for an item that nobody has met", () => {
    expect(page).toContain("Nothing: behaviour has no vector for an item that nobody has met.");
  });

  it("calls nothing best, ahead or behind in a slice that fewer than 30 users met", () => {
    const few = evaluations.map((report) => ({
      ...report,
      results: report.results.map((result) => ({ ...result, n: 29 })),
    }));
    const panels = formatHtml({ evaluations: few }).split("<details>")[0];
    expect(panels).not.toMatch(/class="number ahead (gain|loss)"|<tr class="[^"]*best/);
  });
});

describe("saved results", () => {
  it("survive being written and read", () => {
    expect(reportDocumentSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    for (const report of evaluations) {
      expect(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    }
  });

  it("refuse a picture that is no picture", () => {
    const forged = { ...document, pictures: { a: 'x" onerror="alert(1)' } };
    expect(reportDocumentSchema.safeParse(forged).success).toBe(false);
  });
});
