/** YAML text as a plain value that still knows on which line each key stands, so that messages can point there; and back, with values changed. */
import {
  Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { TailrecError } from "./errors.ts";
import { excerpt } from "./excerpt.ts";
import { messageOf } from "./file-errors.ts";

export interface YamlSource {
  readonly value: unknown;
  /** The line, from 1, of the key or list entry at `path`; of the nearest enclosing one when it is absent. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** A pipeline is a page of text; what is larger is data by mistake, or made to take long. */
const MAXIMUM_CHARACTERS = 1 << 20;
const SHOWN_PROBLEMS = 20;

/**
 * Parses one YAML document. Syntax errors, duplicate keys, aliases without their anchor and aliases that multiply beyond measure throw
 * INVALID_OPTIONS with `file`, and line and column where there is one.
 */
export function parseYaml(text: string, file: string): YamlSource {
  if (text.length > MAXIMUM_CHARACTERS) {
    throw invalid([`${file}: longer than 1 MiB; expected a pipeline file, a page of YAML`]);
  }
  const lines = new LineCounter();
  // The parser's own search for duplicate keys takes time by the square of their number.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const broken = problemsOf(document).map(({ offset, words }) => `${at(offset)}: ${excerpt(words, 300)}`);
  if (broken.length > 0) throw invalid(broken);
  const repeated = repeatedKeys(document).map(
    ({ key, offset }) => `${at(offset)}: map keys must be unique, "${excerpt(key, 60)}" is there twice`,
  );
  if (repeated.length > 0) throw invalid(repeated);
  return {
    value: plainValue(document, file),
    lineOf: (path) => lines.linePos(positionOf(document.contents, path)).line,
  };
}

interface Problem {
  readonly offset: number;
  readonly words: string;
}

/** The first syntax error of each place; where the parser's stack did not suffice, that alone: the others follow from it. */
function problemsOf({ errors }: Document.Parsed): Problem[] {
  const problems = errors.map(({ pos, message }) => ({ offset: pos[0], words: wordsFor(message) }));
  const deep = problems.find(({ words }) => words === NESTED_TOO_DEEPLY);
  if (deep !== undefined) return [deep];
  return problems.filter(({ offset }, i) => i === 0 || problems[i - 1].offset !== offset);
}

const NESTED_TOO_DEEPLY = "lists or maps are nested too deeply; a pipeline file has a few levels";

/** The parser's message, where it speaks to programmers in ours. */
function wordsFor(message: string): string {
  if (/call stack/i.test(message)) return NESTED_TOO_DEEPLY;
  if (/multiple documents/i.test(message)) return 'another document begins here ("---"); keep one';
  return /alias count/i.test(message) ? "its aliases multiply to more than can be held" : message;
}

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new TailrecError("INVALID_OPTIONS", `${file}: ${wordsFor(messageOf(cause))}; write the value out`, { cause });
  }
}

function repeatedKeys(document: Document): { readonly key: string; readonly offset: number }[] {
  const repeated: { key: string; offset: number }[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) repeated.push({ key: name, offset: key.range?.[0] ?? 0 });
        seen.add(name);
      }
    },
  });
  return repeated;
}

function invalid(problems: readonly string[]): TailrecError {
  const more = problems.length > SHOWN_PROBLEMS ? [`and ${problems.length - SHOWN_PROBLEMS} more`] : [];
  return new TailrecError("INVALID_OPTIONS", [...problems.slice(0, SHOWN_PROBLEMS), ...more].join("\n"));
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

/** A plain value as a document. `comments` stand above the keys at their paths; maps and lists at the paths of `flow` take one line. */
export function formatYaml(
  value: unknown,
  {
    head,
    comments,
    flow,
  }: { readonly head: string; readonly comments: ReadonlyMap<string, string>; readonly flow: ReadonlySet<string> },
): string {
  const document = new Document(value);
  document.commentBefore = commentOf(head);
  visit(document, {
    Pair(_, { key, value: held }, ancestors) {
      const path = [...ancestors, { key }].flatMap((node) =>
        "key" in node && isScalar(node.key) ? [String(node.key.value)] : [],
      );
      const comment = comments.get(path.join("."));
      if (comment !== undefined && isNode(key)) key.commentBefore = commentOf(comment);
      if (flow.has(path.join(".")) && isCollection(held)) held.flow = true;
      if (isSeq(held) && flow.has(`${path.join(".")}[]`))
        for (const item of held.items) if (isCollection(item)) item.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function commentOf(text: string): string {
  return text
    .split("\n")
    .map((line) => ` ${line}`)
    .join("\n");
}
