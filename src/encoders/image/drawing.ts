/**
 * SVG drawings are programs that paint: a few bytes of filters, patterns or references can paint for hours, and nothing stops the
 * renderer within one of them. A short text of plain shapes is drawn, at a moderate size; the rest is refused unread.
 */
import { TailrecError } from "../../errors.ts";

const HEAD_BYTES = 1200;
/** Strokes that cross one another cost the square of their number: text and pixels are such that the worst takes some seconds. */
const LONGEST_TEXT = 30_000;
const MOST_PIXELS = 1_000_000;

const USUAL_DENSITY = 72;

/** What multiplies the work, or reads further files: by element, property or entity. */
const COSTLY =
  /filter|pattern|\bmask|marker|foreignobject|dasharray|<!entity|@import|<(?:\w+:)?(?:use|image|script|animate)\b/i;

/** Whether the bytes may be an SVG drawing, compressed ones included. */
export function looksLikeDrawing(bytes: Uint8Array): boolean {
  return isCompressed(bytes) || /<svg/i.test(textOf(bytes.subarray(0, HEAD_BYTES)).replaceAll("\0", ""));
}

/** UNREADABLE_INPUT for a drawing that is not plain shapes. */
export function requireDrawing(bytes: Uint8Array): void {
  if (isCompressed(bytes)) throw refused("is compressed");
  if (bytes.length > LONGEST_TEXT) throw refused(`has ${bytes.length} bytes, more than ${LONGEST_TEXT}`);
  if (bytes.includes(0)) throw refused("is not in UTF-8");
  const costly = COSTLY.exec(unescaped(textOf(bytes)));
  if (costly !== null) throw refused(`uses ${costly[0].replace("<", "").toLowerCase()}, which can paint for hours`);
}

/** Dots an inch at which a drawing that has this size at the usual density is painted small enough. */
export function drawingDensity(width: number, height: number): number {
  return Math.max(1, USUAL_DENSITY * Math.min(1, Math.sqrt(MOST_PIXELS / (width * height))));
}

function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Text with the characters that XML and CSS write as numbers. */
function unescaped(text: string): string {
  const character = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "");
  return text
    .replace(/&#x([0-9a-f]{1,8});/gi, (_, hex: string) => character(Number.parseInt(hex, 16)))
    .replace(/&#(\d{1,9});/g, (_, decimal: string) => character(Number(decimal)))
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex: string) => character(Number.parseInt(hex, 16)))
    .replace(/\\|\/\*.*?\*\//gs, "");
}

function refused(why: string): TailrecError {
  return new TailrecError("UNREADABLE_INPUT", `the SVG drawing ${why}; save it as PNG`);
}
