/**
 * The page: one file that opens from disk, whose content policy forbids it to fetch anything. Pure: the same data give the same bytes.
 */
import { createHash } from "node:crypto";
import { wordsOf } from "../report-words.ts";
import { boundariesSection, leaksSection } from "./checks-section.ts";
import { curvesSection } from "./curves-section.ts";
import { dataSection } from "./data-section.ts";
import { diversitySection } from "./diversity-section.ts";
import { countText } from "./figures.ts";
import { ledgerSection } from "./ledger-section.ts";
import { listsSection } from "./lists-section.ts";
import { mapSection } from "./map-section.ts";
import { html, type Markup, trusted } from "./markup.ts";
import { protocolSection } from "./protocol-section.ts";
import { definitionsSection, provenanceSection } from "./provenance-section.ts";
import type { ReportData } from "./report-data.ts";
import { SCRIPT } from "./script.ts";
import { STYLESHEET } from "./stylesheet.ts";
import { summarySection } from "./summary-section.ts";

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** The whole document as HTML text. */
export function formatHtml(data: ReportData): string {
  const sections = sectionsOf(data);
  const title = data.document?.dataset ?? data.evaluations[0]?.dataset ?? "";
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: tailrec report</title>
<style>${trusted(STYLESHEET)}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header class="masthead"><p class="kicker">tailrec report</p><h1>${title}</h1>${subtitle(data)}</header>
<div class="page">
<nav aria-label="Sections"><ol>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
<main id="content">${sections.map(({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`)}</main>
</div>
<div id="tip" role="status" hidden></div>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
  return page.toString();
}

function subtitle({ document, evaluations }: ReportData): Markup {
  const models = new Set(evaluations.flatMap(({ results }) => results.map(({ model }) => model))).size;
  const size =
    document &&
    `${countText(document.data.users)} users, ${countText(document.data.items)} items, ${countText(document.data.interactions)} interactions; `;
  const kinds = evaluations.map(({ protocol }) => protocol.kind).join(", ");
  return html`<p class="muted">${size}${models} models; ${kinds}</p>`;
}

function sectionsOf({ evaluations, document }: ReportData): Section[] {
  const section = (id: string, title: string, body: Markup | undefined): Section[] =>
    body === undefined ? [] : [{ id, title, body }];
  return [
    ...section(
      "summary",
      "At a glance",
      evaluations.length > 0 ? summarySection({ evaluations, document }) : undefined,
    ),
    ...section("data", "The data", document && dataSection(document.data)),
    ...evaluations.flatMap((report) => section(report.protocol.kind, wordsOf(report).title, protocolSection(report))),
    ...section("curves", "Tail dial and vector length", curvesSection(evaluations)),
    ...section("diversity", "Diversity and coverage", diversitySection(evaluations)),
    ...section("rules", "What the rules cost", ledgerSection(evaluations)),
    ...section(
      "map",
      "Latent map, before and after",
      document?.map ? mapSection(document.map, document.fitted) : undefined,
    ),
    ...section("lists", "Similar items, before and after", document && listsSection(document)),
    ...section("boundaries", "Folding check", document && boundariesSection(document.boundaries)),
    ...section("leaks", "Leak checks", document && leaksSection(document.leaks)),
    ...section("definitions", "What the words mean", definitionsSection(evaluations)),
    ...section("provenance", "How this was made", document && provenanceSection(document.provenance)),
  ];
}
