/** The users file: attributes by user id, brought into the row order of the interactions. */
import { type Attribute, attributeOfRows } from "../catalog.ts";
import type { FileReport, LostColumn, MissingCell, Reject, UsersReport } from "./rejects.ts";

/** The users file as read, row by row. */
export interface UserRows {
  readonly ids: readonly string[];
  readonly attributes: readonly Attribute[];
  readonly report: FileReport;
  readonly rejects: readonly Reject[];
  readonly missingCells: readonly MissingCell[];
  readonly lostColumns: readonly LostColumn[];
  readonly notes: readonly string[];
}

/** The attributes in the order of `userIds`: nothing known of those whom the file does not name. */
export function alignUsers(
  { ids, attributes, report }: UserRows,
  userIds: readonly string[],
): { readonly attributes: readonly Attribute[]; readonly report: UsersReport } {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const rows = userIds.map((id) => rowOf.get(id));
  const named = rows.filter((row) => row !== undefined).length;
  const counts = { withoutInteractions: ids.length - named, withoutAttributes: userIds.length - named };
  return {
    attributes: attributes.map((attribute) => attributeOfRows(attribute, rows)),
    report: { ...report, ...counts },
  };
}
