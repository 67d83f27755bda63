/**
 * HTML that cannot be broken out of: `html` escapes whatever is put into it, except what `html` itself has made.
 * Ids and titles come from catalogs that nobody has vetted; there is no other way to write them into the page.
 */

/** Text that is HTML already. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Fragment = Markup | string | number | null | undefined | false | readonly Fragment[];

/** A template of HTML: strings and numbers are escaped, lists are joined, null, undefined and false are left out. */
export function html(parts: TemplateStringsArray, ...fragments: readonly Fragment[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < fragments.length ? textOf(fragments[i]) : "")).join(""));
}

/** For the style sheet and the script of the page, which are ours: never for anything that was read. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** JSON for a `<script type="application/json">`: no "<" in it can end the element. */
export function jsonMarkup(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));
}

function textOf(fragment: Fragment): string {
  if (fragment === null || fragment === undefined || fragment === false) return "";
  if (fragment instanceof Markup) return fragment.toString();
  if (typeof fragment === "string") return escapeHtml(fragment);
  return typeof fragment === "number" ? String(fragment) : fragment.map(textOf).join("");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Safe in text and in quoted attributes; control and direction-changing characters become blanks. */
export function escapeHtml(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, " ").replace(/[&<>"']/g, (mark) => ESCAPES[mark]);
}
