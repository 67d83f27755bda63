/** SQL that takes texts, lists of texts and what is nested deeper out of JSON values. */
import { literal } from "../tables/database.ts";

/** RFC 6901. */
export function pointerTo(keys: readonly string[]): string {
  return literal(keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
}

/** The JSON value that `keys` lead to; through a list, the list of what they lead to in each of its entries. */
export function valueAt(value: string, keys: readonly string[]): string {
  if (keys.length === 0) return value;
  const pointer = pointerTo(keys);
  const entries = `list_transform(json_extract(${value}, '$[*]'), lambda entry: json_extract(entry, ${pointer}))`;
  return `CASE json_type(${value}) WHEN 'ARRAY' THEN to_json(${entries}) ELSE json_extract(${value}, ${pointer}) END`;
}

/** A flat JSON value as a list of texts without NULL; what is nested becomes JSON text, and is told by `nestedJson`. */
export function textsIn(value: string): string {
  const list = `CASE json_type(${value}) WHEN 'ARRAY' THEN json_transform(${value}, '["VARCHAR"]') ELSE [json_extract_string(${value}, '$')] END`;
  return `list_filter(${list}, lambda text: text IS NOT NULL)`;
}

/** The JSON text of an object, or of a list that may hold objects or lists; NULL for what is surely flat. */
export function nestedJson(value: string): string {
  const text = `${value}::VARCHAR`;
  return `CASE WHEN regexp_matches(${text}, '^(\\{|\\[[\\s\\S]*[\\[{])') THEN ${text} END`;
}
