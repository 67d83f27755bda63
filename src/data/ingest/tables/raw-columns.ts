/**
 * Mapped names among the columns of a file: "title" is the column of that name; where there is none, "brand.name" is the key `name` of
 * the objects, or lists of objects, in the column `brand`.
 */
import { TailrecError } from "../../../errors.ts";
import { listNames } from "../../../excerpt.ts";
import { nearestName } from "../../../options.ts";

/** A column of a raw table and where it comes from. */
export interface RawColumn {
  /** Name in the table. */
  readonly name: string;
  /** Name in the file. */
  readonly source: string;
  /** A list of texts (VARCHAR[], no NULL inside) instead of one text. */
  readonly list: boolean;
  /** Read as empty in every row when the file has no such column, instead of an error. */
  readonly optional?: boolean;
}

/** A column of the file, and the keys that lead to a value inside its cells. */
export interface ColumnPath {
  readonly column: string;
  readonly keys: readonly string[];
}

/** A mapped column that the file lacks. */
export interface AbsentColumn {
  readonly file: string;
  readonly column: string;
  /** The column of the file that was perhaps meant. */
  readonly near: string | undefined;
  /** All columns of the file, shortened for a message. */
  readonly known: string;
}

/** Undefined where the file has no such column. */
export function findColumn(source: string, known: readonly string[]): ColumnPath | undefined {
  if (known.includes(source)) return { column: source, keys: [] };
  const parts = source.split(".");
  for (let cut = parts.length - 1; cut > 0; cut--) {
    const column = parts.slice(0, cut).join(".");
    if (known.includes(column)) return { column, keys: parts.slice(cut) };
  }
  return undefined;
}

/** The optional columns that are not there. Throws UNKNOWN_COLUMN for another one, UNREADABLE_INPUT for one that is there twice. */
export function requireColumns(file: string, columns: readonly RawColumn[], known: readonly string[]): AbsentColumn[] {
  const absent: AbsentColumn[] = [];
  for (const { source, optional } of columns) {
    const places = known.filter((name) => name === source).length;
    if (places > 1) {
      throw new TailrecError("UNREADABLE_INPUT", `${file} names the column "${source}" ${places} times; rename one`);
    }
    if (places === 1 || findColumn(source, known) !== undefined) continue;
    const missing = { file, column: source, near: nearestName(source, known), known: listNames(known) };
    if (!optional) throw new TailrecError("UNKNOWN_COLUMN", `${describeAbsent(missing)}${otherDelimiter(known)}`);
    absent.push(missing);
  }
  return absent;
}

/** "FILE has no column "Title"; did you mean "title"? its columns: ..." */
export function describeAbsent({ file, column, near, known }: AbsentColumn): string {
  const hint = near === undefined ? "" : `did you mean "${near}"? `;
  return `${file} has no column "${column}"; ${hint}its columns: ${known}`;
}

/** A header that comes out as one field was written with a separator that is not looked for. */
function otherDelimiter(known: readonly string[]): string {
  const [only] = known;
  return known.length === 1 && /\W/.test(only) ? '; if that is several, name what separates them: "delimiter"' : "";
}
