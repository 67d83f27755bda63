/**
 * Escapes of half a surrogate pair, as JSON.stringify writes a text that was cut through an emoji, become U+FFFD: the text is kept, and
 * no parser refuses the whole object (RFC 8259, section 8.2).
 */

/** A pair, a half, or any other escape, so that an escaped backslash hides nothing. */
const ESCAPES = /\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u(d[89a-f][0-9a-f]{2})|\\[\s\S]/gi;

/** The object's text with its halves replaced; undefined where there is none, or where it is no JSON object all the same. */
export function repairedJson(text: string): string | undefined {
  const mended = text.replaceAll(ESCAPES, (found, _high, _low, half) => (half === undefined ? found : "\\ufffd"));
  return mended !== text && isObject(mended) ? mended : undefined;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
