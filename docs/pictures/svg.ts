/** SVG elements as strings, and the one palette and type face of the pictures. */

export const palette = {
  paper: "#ffffff",
  plain: "#f3f5f7",
  ink: "#1f2933",
  faint: "#6b7885",
  line: "#c3ccd5",
  behaviour: "#2563a8",
  behaviourLight: "#dbe8f6",
  content: "#c0661b",
  contentLight: "#fae6d3",
  both: "#6d4a9c",
  bothLight: "#e9e0f4",
} as const;

type Attributes = Readonly<Record<string, string | number>>;

export interface TextStyle {
  readonly size?: number;
  readonly fill?: string;
  readonly weight?: number;
  readonly anchor?: "start" | "middle" | "end";
}

/** A whole picture: paper, a title for readers who cannot see it, and its elements. */
export function picture(width: number, height: number, title: string, elements: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}" font-family="Helvetica, Arial, sans-serif">`,
    `<title>${escapeXml(title)}</title>`,
    element("rect", { width, height, rx: 10, fill: palette.paper, stroke: palette.line }),
    ...elements,
    "</svg>",
    "",
  ].join("\n");
}

export function element(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const opening = `<${name}${written.join("")}`;
  return content === undefined ? `${opening}/>` : `${opening}>${content}</${name}>`;
}

export function box(x: number, y: number, width: number, height: number, fill: string, stroke: string): string {
  return element("rect", { x, y, width, height, rx: 6, fill, stroke });
}

export function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { size = 14, fill = palette.ink, weight = 400, anchor = "start" } = style;
  return element(
    "text",
    { x, y, "font-size": size, fill, "font-weight": weight, "text-anchor": anchor },
    escapeXml(words),
  );
}

/** A line from one point to another that ends in a small triangle. */
export function arrow(fromX: number, fromY: number, toX: number, toY: number, stroke: string = palette.faint): string {
  const angle = Math.atan2(toY - fromY, toX - fromX);
  const corner = (turn: number, length: number) =>
    `${round(toX - length * Math.cos(angle + turn))},${round(toY - length * Math.sin(angle + turn))}`;
  const [endX, endY] = [toX - 7 * Math.cos(angle), toY - 7 * Math.sin(angle)];
  return [
    element("line", { x1: fromX, y1: fromY, x2: round(endX), y2: round(endY), stroke, "stroke-width": 1.6 }),
    element("polygon", { points: `${toX},${toY} ${corner(0.42, 10)} ${corner(-0.42, 10)}`, fill: stroke }),
  ].join("\n");
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escapeXml(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
