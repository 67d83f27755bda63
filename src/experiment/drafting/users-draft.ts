/** The columns of a table of users: the id by the interactions, attributes that several share; what names a person is left out. */
import { TailrecError } from "../../errors.ts";
import { type DraftedColumn, drafted, LEFT_OUT, namedColumn } from "./column-draft.ts";
import type { ColumnFacts } from "./column-facts.ts";
import { PLAIN_ID, PRIVATE_NAMES, USER_NAMES } from "./column-names.ts";
import { type DraftedAttribute, judgeAttribute } from "./items-draft.ts";

export interface UsersDraft {
  /** Part `data.users` of the pipeline, its path apart. */
  readonly options: { readonly columns: { readonly id: string }; readonly attributes: readonly DraftedAttribute[] };
  readonly columns: readonly DraftedColumn[];
}

/** `user` is the column of the interactions. INVALID_ARGUMENT without an id or without any attribute. */
export function draftUsers(path: string, columns: readonly ColumnFacts[], user: string): UsersDraft {
  const id = columns.find(({ name }) => name === user) ?? namedColumn(columns, [...USER_NAMES, PLAIN_ID]);
  if (id === undefined) {
    const message = `${path}: none of its columns is called "${user}", as in the interactions; rename its id, or leave --users out`;
    throw new TailrecError("INVALID_ARGUMENT", message);
  }
  const judged = columns.filter((column) => column !== id).map((column) => ({ column, ...judgeUser(column) }));
  const attributes = judged.flatMap(({ attribute }) => attribute ?? []);
  if (attributes.length === 0) {
    const message = `${path}: no column but the id tells anything that several users share; leave --users out`;
    throw new TailrecError("INVALID_ARGUMENT", message);
  }
  return {
    options: { columns: { id: id.name }, attributes },
    columns: [
      drafted(id, "id"),
      ...judged.map(({ column, attribute, reason }) => drafted(column, attribute?.kind ?? LEFT_OUT, reason)),
    ],
  };
}

function judgeUser(facts: ColumnFacts): ReturnType<typeof judgeAttribute> {
  return PRIVATE_NAMES.test(facts.words) ? { reason: "names a person or a place of one" } : judgeAttribute(facts);
}
