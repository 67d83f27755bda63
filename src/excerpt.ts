/**
 * Text of others inside a message of ours: shortened, on one line, and without characters that a terminal would obey. A header may be
 * a megabyte long, a name may hold escape sequences.
 */

const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]+/gu;

/** One line of at most `limit` characters. */
export function excerpt(text: string, limit = 120): string {
  const cut = text.length > limit ? text.slice(0, limit - 1) : text;
  return cut.replace(CONTROL, " ").trim() + (cut === text ? "" : "…");
}

/** The first `limit` names, each shortened, and how many more there are. */
export function listNames(names: readonly string[], limit = 20): string {
  const shown = names.slice(0, limit).map((name) => excerpt(name, 60));
  return shown.join(", ") + (names.length > limit ? ` and ${names.length - limit} more` : "");
}
