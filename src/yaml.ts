/** YAML text as a plain value that still knows on which line each key stands, so that messages can point there; and back, with values changed. */
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { TailrecError } from "./errors.ts";

export interface YamlSource {
  readonly value: unknown;
  /** The line, from 1, of the key or list entry at `path`; of the nearest enclosing one when it is absent. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Parses one YAML document. Syntax errors and duplicate keys throw INVALID_OPTIONS with `file`, line and column. */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${file}:${line}:${col}: ${error.message}`;
  });
  if (problems.length > 0) throw new TailrecError("INVALID_OPTIONS", problems.join("\n"));
  return {
    value: document.toJS() as unknown,
    lineOf: (path) => lines.linePos(positionOf(document.contents, path)).line,
  };
}

/** Offset in the text of the deepest part of `path` that is there. */
function positionOf(contents: Node | null, path: readonly PropertyKey[]): number {
  let node: unknown = contents;
  let position = contents?.range?.[0] ?? 0;
  for (const step of path) {
    const child = childOf(node, step);
    if (child === undefined) break;
    position = child.position;
    node = child.value;
  }
  return position;
}

function childOf(node: unknown, step: PropertyKey): { readonly position: number; readonly value: unknown } | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(step)];
    return isNode(value) ? { position: value.range?.[0] ?? 0, value } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair !== undefined && isNode(pair.key) ? { position: pair.key.range?.[0] ?? 0, value: pair.value } : undefined;
}

/** The document with values set by path, everything else (comments, order, style) as it was; missing maps are made. */
export function setInYaml(text: string, values: Iterable<readonly [path: readonly string[], value: unknown]>): string {
  const document = parseDocument(text);
  for (const [path, value] of values) document.setIn(path, value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
